// Written by `reelroom protocol` from server/wire. Do not edit: change the Python and write it anew.

export type AspectRatio = "16:9" | "9:16" | "1:1";

export interface AuthRefresh {
  readonly token: string;
}

export interface AuthRefreshed {
  readonly expiresAt: string;
}

export interface CampaignUsage {
  readonly spent: MoneyOut;
  readonly reserved: MoneyOut;
  readonly limit: MoneyOut;
  readonly bytesStored: number;
}

export interface CreativeData {
  readonly creative: CreativeOut;
}

export interface CreativeMetadata {
  readonly generatedAt: string;
  readonly provider: string;
  readonly resolution?: string;
  readonly note?: string;
  readonly cost?: MoneyOut;
}

export interface CreativeOut {
  readonly _id: string;
  readonly type: "video";
  readonly campaignId: string;
  readonly status: ReviewStatus;
  readonly visual: CreativeVisual;
  readonly metadata: CreativeMetadata;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface CreativeReview {
  readonly status: "needsReview" | "approved" | "rejected";
  readonly note?: string;
  readonly sessionId: string;
  readonly clientId: string;
  readonly creativeId: string;
}

export interface CreativeReviewed {
  readonly seq: number;
}

export interface CreativeVisual {
  readonly prompt: string;
  readonly url: string;
  readonly refinedPrompt?: string;
  readonly model: string;
  readonly duration: number;
  readonly referenceImages: readonly ReferenceImage[];
  readonly posterUrl?: string;
  readonly previewUrl?: string;
  readonly aspectRatio: string;
  readonly requestedModel?: string;
}

export interface ErrorOut {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly field?: string;
  readonly retryAfterMs?: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface GenerationMetadata {
  readonly generatedAt: string;
  readonly provider: string;
  readonly resolution?: string;
}

export interface GenerationResult {
  readonly videoUrl: string;
  readonly videoPath: string;
  readonly prompt: string;
  readonly refinedPrompt?: string;
  readonly model: string;
  readonly duration: number;
  readonly referenceImages: readonly ReferenceImage[];
  readonly metadata: GenerationMetadata;
  readonly jobId: string;
  readonly creativeId?: string;
  readonly requestedModel?: string;
  readonly cost: MoneyOut;
  readonly warnings: readonly NoticeOut[];
}

export interface JobAnswered {
  readonly state: string;
}

export interface JobApprove {
  readonly sessionId: string;
  readonly clientId: string;
  readonly jobId: string;
  readonly request?: VideoAsk;
  readonly maxCost?: MoneyOutInput;
}

export interface JobCancel {
  readonly sessionId: string;
  readonly clientId: string;
  readonly jobId: string;
}

export interface JobCancelled {
  readonly state: string;
  readonly willBeCharged: "yes" | "no" | "unknown";
}

export interface JobDecline {
  readonly sessionId: string;
  readonly clientId: string;
  readonly jobId: string;
}

export type LifecycleState = "active" | "retired";

export interface Limits {
  readonly messageChars: number;
  readonly uploadBytes: number;
  readonly uploadPixels: number;
  readonly uploadTypes: readonly string[];
  readonly frameBytes: number;
  readonly references: number;
  readonly queued: number;
}

export interface LiveBeatFrame {
  readonly sessionId: string;
  readonly type: "beat";
  readonly head: number;
  readonly activeTurnId?: string;
}

export interface LiveNow {
  readonly texts: readonly LiveText[];
  readonly jobs: readonly ProgressOut[];
}

export interface LiveProgressFrame {
  readonly jobId: string;
  readonly n: number;
  readonly stage: string;
  readonly fraction?: number;
  readonly etaSeconds?: number;
  readonly elapsedSeconds: number;
  readonly queuePosition?: number;
  readonly sessionId: string;
  readonly type: "progress";
}

export interface LiveText {
  readonly messageId: string;
  readonly text: string;
}

export interface LiveTextFrame {
  readonly sessionId: string;
  readonly type: "text";
  readonly messageId: string;
  readonly pos: number;
  readonly text: string;
}

export interface MessageAddedData {
  readonly messageId: string;
  readonly sender: "user" | "assistant" | "system";
  readonly text: string;
  readonly uploads: readonly UploadNamed[];
  readonly clientId?: string;
  readonly replaces?: string;
  readonly step?: string;
  readonly code?: string;
  readonly suggestions?: readonly string[];
}

export interface MessageSend {
  readonly sessionId: string;
  readonly clientId: string;
  readonly text: string;
  readonly uploads?: readonly string[];
  readonly replaces?: string;
}

export interface MessageSent {
  readonly seq: number;
  readonly turnId: string;
  readonly queued?: number;
}

export interface ModelLifecycle {
  readonly state: LifecycleState;
  readonly retiredOn?: string;
  readonly replacements?: readonly string[];
}

export interface MoneyOutInput {
  readonly amount: number;
  readonly currency?: "USD";
}

export interface MoneyOut {
  readonly amount: number;
  readonly currency: "USD";
}

export interface NoticeOut {
  readonly code: string;
  readonly message: string;
}

export interface ProgressOut {
  readonly jobId: string;
  readonly n: number;
  readonly stage: string;
  readonly fraction?: number;
  readonly etaSeconds?: number;
  readonly elapsedSeconds: number;
  readonly queuePosition?: number;
}

export type Quality = "highest" | "high" | "good";

export interface QuoteLineOut {
  readonly description: string;
  readonly seconds: number;
  readonly amount: MoneyOut;
}

export interface QuoteOut {
  readonly model: string;
  readonly requestedModel?: string;
  readonly total: MoneyOut;
  readonly lines: readonly QuoteLineOut[];
  readonly warnings: readonly NoticeOut[];
}

export interface ReferenceImage {
  readonly url: string;
  readonly uploadedAt: string;
}

export type ReferenceRole = "logo" | "product" | "style";

export interface RequestOut {
  readonly prompt: string;
  readonly model: string;
  readonly duration: number;
  readonly aspectRatio: string;
  readonly referenceImages: readonly ReferenceImage[];
  readonly refinementPrompt?: string;
  readonly refinedPrompt?: string;
}

export type ReviewStatus = "needsReview" | "approved" | "rejected";

export interface SessionList {
  readonly campaignId?: string;
}

export interface SessionOpen {
  readonly campaignId?: string;
  readonly sessionId?: string;
  readonly new?: boolean;
  readonly after?: number;
  readonly epoch?: string;
}

export interface SessionOpened {
  readonly sessionId: string;
  readonly epoch: string;
  readonly head: number;
  readonly entries: readonly unknown[];
  readonly more: boolean;
  readonly live: LiveNow;
  readonly activeTurnId?: string;
  readonly user: User;
  readonly limits: Limits;
}

export interface SessionRow {
  readonly sessionId: string;
  readonly title: string;
  readonly updatedAt: string;
  readonly head: number;
}

export interface SessionsListed {
  readonly sessions: readonly SessionRow[];
}

export interface ToolFinishedData {
  readonly callId: string;
  readonly tool: string;
  readonly ok: boolean;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: ErrorOut;
}

export interface ToolStartedData {
  readonly callId: string;
  readonly tool: string;
  readonly title: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface TurnFinishedData {
  readonly turnId: string;
  readonly outcome: TurnOutcome;
  readonly error?: ErrorOut;
}

export type TurnOutcome = "answered" | "stopped" | "failed" | "interrupted";

export interface TurnRetried {
  readonly turnId: string;
}

export interface TurnRetry {
  readonly sessionId: string;
  readonly clientId: string;
  readonly turnId: string;
}

export interface TurnStartedData {
  readonly turnId: string;
  readonly messageId: string;
}

export interface TurnStop {
  readonly sessionId: string;
  readonly clientId: string;
  readonly turnId: string;
}

export interface TurnStopped {
  readonly state: "stopping" | "already_final";
}

export interface TypicalSeconds {
  readonly min: number;
  readonly max: number;
  readonly estimate: boolean;
}

export interface UploadAddedData {
  readonly uploadId: string;
  readonly role?: ReferenceRole;
  readonly url: string;
  readonly path: string;
  readonly contentType: string;
  readonly size: number;
  readonly width: number;
  readonly height: number;
}

export interface UploadNamed {
  readonly uploadId: string;
  readonly role?: ReferenceRole;
}

export interface UploadTaken {
  readonly uploadId: string;
  readonly url: string;
  readonly path: string;
  readonly contentType: string;
  readonly size: number;
  readonly width: number;
  readonly height: number;
  readonly warnings: readonly NoticeOut[];
}

export interface User {
  readonly id: string;
  readonly tenant: string;
}

export interface VideoAsk {
  readonly prompt: string;
  readonly model?: string;
  readonly duration?: number;
  readonly aspectRatio?: AspectRatio;
  readonly referenceImageUrls?: readonly string[];
  readonly refinementPrompt?: string;
}

export interface VideoCancelledData {
  readonly reason: "cancelled" | "declined" | "expired";
  readonly charged: "yes" | "no" | "unknown";
  readonly cost?: MoneyOut;
}

export interface VideoChangedData {
  readonly stage: string;
  readonly model?: string;
  readonly clip?: number;
  readonly clips?: number;
  readonly etaSeconds?: number;
}

export interface VideoFailedData {
  readonly error: ErrorOut;
  readonly charged: "yes" | "no" | "unknown";
  readonly cost?: MoneyOut;
}

export interface VideoModelRow {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly durationRange: WholeSeconds;
  readonly supportsReferenceImages: boolean;
  readonly quality: Quality;
  readonly available: boolean;
  readonly unavailableReason?: string;
  readonly standIn?: string;
  readonly lifecycle: ModelLifecycle;
  readonly aspectRatios: readonly AspectRatio[];
  readonly maxReferenceImages: number;
  readonly pricePerSecond?: MoneyOut;
  readonly typicalSeconds: TypicalSeconds;
  readonly draft?: boolean;
}

export interface VideoProposedData {
  readonly request: RequestOut;
  readonly model: string;
  readonly requestedModel?: string;
  readonly quote: QuoteOut;
  readonly reason: "price" | "repeated" | "fallback";
  readonly expiresAt: string;
}

export interface VideoQueuedData {
  readonly request: RequestOut;
  readonly model: string;
  readonly requestedModel?: string;
  readonly quote: QuoteOut;
}

export interface VideoRequestCommand {
  readonly sessionId: string;
  readonly clientId: string;
  readonly request: VideoAsk;
  readonly maxCost?: MoneyOutInput;
}

export interface VideoRequested {
  readonly jobId: string;
  readonly state: string;
}

export interface WholeSeconds {
  readonly min: number;
  readonly max: number;
}

export interface EntryBase {
  readonly sessionId: string;
  readonly seq: number;
  readonly at: string;
  readonly turnId?: string;
  readonly jobId?: string;
}

export type Entry =
  | (EntryBase & { readonly type: "message.added"; readonly data: MessageAddedData })
  | (EntryBase & { readonly type: "turn.started"; readonly data: TurnStartedData })
  | (EntryBase & { readonly type: "turn.finished"; readonly data: TurnFinishedData })
  | (EntryBase & { readonly type: "tool.started"; readonly data: ToolStartedData })
  | (EntryBase & { readonly type: "tool.finished"; readonly data: ToolFinishedData })
  | (EntryBase & { readonly type: "upload.added"; readonly data: UploadAddedData })
  | (EntryBase & { readonly type: "video.proposed"; readonly data: VideoProposedData })
  | (EntryBase & { readonly type: "video.queued"; readonly data: VideoQueuedData })
  | (EntryBase & { readonly type: "video.changed"; readonly data: VideoChangedData })
  | (EntryBase & { readonly type: "video.failed"; readonly data: VideoFailedData })
  | (EntryBase & { readonly type: "video.cancelled"; readonly data: VideoCancelledData })
  | (EntryBase & { readonly type: "creative.added"; readonly data: CreativeData })
  | (EntryBase & { readonly type: "creative.updated"; readonly data: CreativeData });

export type LiveFrame = LiveTextFrame | LiveProgressFrame | LiveBeatFrame;

export interface Commands {
  readonly "session.open": SessionOpen;
  readonly "message.send": MessageSend;
  readonly "turn.stop": TurnStop;
  readonly "turn.retry": TurnRetry;
  readonly "video.request": VideoRequestCommand;
  readonly "job.approve": JobApprove;
  readonly "job.decline": JobDecline;
  readonly "job.cancel": JobCancel;
  readonly "creative.review": CreativeReview;
  readonly "session.list": SessionList;
  readonly "auth.refresh": AuthRefresh;
}

export interface Acks {
  readonly "session.open": SessionOpened;
  readonly "message.send": MessageSent;
  readonly "turn.stop": TurnStopped;
  readonly "turn.retry": TurnRetried;
  readonly "video.request": VideoRequested;
  readonly "job.approve": JobAnswered;
  readonly "job.decline": JobAnswered;
  readonly "job.cancel": JobCancelled;
  readonly "creative.review": CreativeReviewed;
  readonly "session.list": SessionsListed;
  readonly "auth.refresh": AuthRefreshed;
}
