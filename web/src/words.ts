/**
 * Every word the widget says, in English, in one typed place; `words/` has the other languages, each a
 * file of this shape (see languages.ts). A function takes plain numbers and names, in the order in
 * which a file's "{0} of {1}" counts them. What the server or the agent says in its own words is
 * shown as it came.
 */
export const english = {
  title: "Campaign studio",
  chat: "Chat",
  creatives: "Creatives",
  views: "Views",
  newChat: "New chat",
  openChat: "Open the campaign chat",
  closeChat: "Close",
  send: "Send",
  stop: "Stop",
  retry: "Retry",
  remove: "Remove",
  cancel: "Cancel",
  edit: "Edit and send again",
  details: "Details",
  today: "Today",
  yesterday: "Yesterday",
  tomorrow: "tomorrow",

  // The line under the title
  online: "Ready",
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  offline: "You are offline",
  signedOut: "Signed out",
  signedOutMore: "This chat could not sign you in.",
  refusedProtocol: "This page loaded an older chat than the server speaks. Reload the page.",

  // Composer
  placeholder: "Describe the film you need…",
  placeholderEdit: "Change your message…",
  message: "Message",
  attach: "Add images",
  dropHere: "Drop images to add them",
  waitsForConnection: "Your message is sent as soon as the connection is back.",
  waitsForUploads: "Waiting for the images…",
  editing: "Editing your last message",
  tooLong: (over: number) => `${over.toLocaleString()} ${over === 1 ? "character" : "characters"} too long`,
  tooBig: "This message is too big to send. Make it shorter.",

  // Messages
  you: "You",
  assistant: "Assistant",
  thinking: "Thinking…",
  sending: "Sending…",
  notSent: "Not sent",
  takeBack: "Take back",
  queued: "Queued",
  sendingWhenOnline: "Waiting for the connection",
  welcome: "What shall we make?",
  latest: "Latest",
  conversation: "Conversation",
  starters: "Ways to start",
  followUps: "What next",
  outcome: {
    stopped: "You stopped this answer.",
    failed: "This answer failed.",
    interrupted: "This answer was cut off when the server restarted.",
  },
  /** The order's own words for it, kept to the letter. */
  videoReady: (model: string, seconds: number) =>
    `✅ Video generated and added to creatives! Model: ${model}, Duration: ${seconds}s`,
  showFilm: "Show",

  // Tools
  toolRunning: "Working…",
  toolDone: "Done",
  toolFailed: "Failed",
  toolStopped: "Stopped",
  toolArguments: "Asked",
  toolResult: "Answered",
  steps: "Steps",

  // Jobs
  film: "Film",
  stages: {
    queued: "In the queue",
    refining: "Refining the prompt",
    uploading: "Preparing images",
    submitting: "Ordering",
    rendering: "Rendering",
    storing: "Saving",
  } as Readonly<Record<string, string>>,
  shortStages: {
    refining: "Refine",
    uploading: "Images",
    submitting: "Order",
    rendering: "Render",
    storing: "Save",
  } as Readonly<Record<string, string>>,
  queuePosition: (place: number) => (place <= 1 ? "Next in line" : `${ordinal(place)} in line`),
  clip: (clip: number, clips: number, stage: string) => `Clip ${clip} of ${clips} · ${stage.toLowerCase()}`,
  elapsed: (time: string) => `${time} elapsed`,
  left: (time: string) => `estimate: about ${time} left`,
  longer: "taking longer than estimated",
  shortSeconds: (count: number | string) => `${count} s`,
  shortMinutes: (count: number) => `${count} min`,
  stopFilm: "Stop making this film",
  stopping: "Stopping…",
  filmFailed: "The film could not be made",
  filmCancelled: { cancelled: "Film stopped", declined: "Film declined", expired: "Film not approved in time" },
  charged: {
    yes: "You were charged.",
    no: "Nothing was charged.",
    unknown: "It is not known yet whether it was charged.",
  },
  chargedCost: (cost: string) => `You were charged ${cost}.`,
  willBeCharged: {
    yes: "What was ordered already will be charged.",
    no: "Nothing will be charged.",
    unknown: "It is not known yet whether it will be charged.",
  },
  makeAgain: "Make again",
  insteadOf: (made: string, asked: string) => `${made} instead of ${asked}`,
  takesOver: (now: string, before: string) => `${now} takes over from ${before}`,

  // Films that wait for a yes
  ask: "Make this film?",
  why: {
    price: "This costs money, so it waits for your yes.",
    repeated: "This very film is already being made.",
    again: "It failed; another try costs more.",
    fallback: (failed: string, model: string) => `${failed} failed; ${model} costs more.`,
  },
  clips: (count: number) => `${count} ${count === 1 ? "clip" : "clips"}`,
  answerBy: (time: string) => `Answer by ${time}; after that it is not made.`,
  dearer: "It is dearer by now, so nothing was ordered. Look at the new price.",
  approveFor: (cost: string) => `Approve ${cost}`,
  decline: "Decline",
  change: "Change length or aspect ratio",
  seconds: "Length in seconds",
  ratio: "Aspect ratio",
  quoteAgain: "New price",
  draft: "DRAFT",
  draftMore: "A free preview made on this machine, not by a video model",
  free: "Free",

  // Films and creatives
  models: {
    draft: "Draft animatic",
    "sora-2-pro": "Sora 2 Pro",
    "veo-3.1": "Veo 3.1",
    "runway-gen3": "Runway Gen-3",
    "runway-gen2": "Runway Gen-2",
    "runway-gen4.5": "Runway Gen-4.5",
    "kling-v3": "Kling 3.0",
    "veo-3.1-fast": "Veo 3.1 Fast",
    "seedance-2.0": "Seedance 2.0",
    "hailuo-2.3": "Hailuo 2.3",
    "wan-3": "Wan 3",
  } as Readonly<Record<string, string>>,
  status: { needsReview: "Needs review", approved: "Approved", rejected: "Rejected" },
  all: "All",
  filter: "Show by status",
  review: "Your verdict",
  approve: "Approve",
  reject: "Reject",
  note: "Note",
  notePlaceholder: "Why? (optional)",
  saveNote: "Save",
  download: "Download",
  play: (title: string) => `Play ${title}`,
  filmBroken: "This film could not be loaded.",
  reload: "Load again",
  prompt: "Prompt",
  refinedPrompt: "Refined prompt",
  references: "Reference images",
  reference: "Reference image",
  emptyCreatives: "No films yet",
  emptyCreativesMore: "Films you make in the chat are collected here for review.",
  emptyFilter: "No film has this status.",

  // Told when done
  notifyMe: "Notify me when it's ready",
  willNotify: "You will be notified.",
  mayNotNotify: "Your browser does not allow notifications here.",

  // What came, and what was before
  earlier: "Show earlier",
  fresh: "New",
  newThings: (count: number) => `${count} new`,

  // Sessions
  chats: "Chats and search",
  search: "Search this chat",
  place: (at: number, count: number) => `${at} of ${count}`,
  previous: "Previous",
  next: "Next",
  untitled: "Not begun yet",

  // Verdicts and comparing
  undo: "Undo",
  skip: "Skip",
  back: "Back",
  compare: "Compare",
  comparing: "Compare two films",
  makeAnother: "Make another like this",
  budget: "Budget",
  spent: (spent: string, limit: string) => `${spent} of ${limit} spent`,
  reserved: (sum: string) => `${sum} held back for running films`,
  stored: (size: string) => `${size} stored`,
  pickAnother: "Choose another film to compare.",
  playBoth: "Play both",
  pauseBoth: "Pause both",
  model: "Model",
  length: "Length",

  // Uploads
  roles: { logo: "Logo", product: "Product", style: "Style" },
  roleOf: (name: string) => `What ${name} is for`,
  uploading: "Uploading",
  uploadFailed: "Upload failed",
  uploadStopped: "Upload stopped",
  removeImage: (name: string) => `Remove ${name}`,
  stopUpload: (name: string) => `Stop uploading ${name}`,
  wrongType: (types: string) => `Only ${types}.`,
  or: (all: string, last: string) => `${all} or ${last}`,
  tooLarge: (limit: string) => `Larger than ${limit}.`,
  tooManyPixels: (most: number) => `More than ${most} megapixels.`,
  emptyFile: "This file is empty.",
  tooManyImages: (most: number) => `A message takes ${most} images at most.`,
  uploadedImage: "Uploaded image",

  // The form of a film
  videos: "Videos",
  newFilm: "New film",
  closeForm: "Close the form",
  loading: "Loading…",
  promptPlaceholder: "A paper boat sails across a pond at dawn. Slow camera, warm light, our logo at the end.",
  noPrompt: "Describe the film first.",
  link: "Add an image by its address",
  add: "Add",
  noLink: "This is no address of an image. It begins with https://",
  quality: { highest: "highest quality", high: "high quality", good: "good quality" },
  takesImages: (most: number) => `reference images: ${most}`,
  noImages: (model: string) => `${model} takes no reference images: they are not sent.`,
  perSecond: (cost: string) => `${cost} per second`,
  makes: (model: string, what: string) => `${model} makes ${what}.`,
  takes: (least: string, most: string) => `takes about ${least} to ${most}`,
  advanced: "Advanced",
  refinement: "How to refine the prompt",
  hints: { look: "Cinematic, premium quality", light: "Slow camera, warm light", pace: "Bold colours, quick cuts" },
  before: "Your last prompt",
  generateFor: (cost: string) => `Generate for ${cost}`,
  generateFree: "Generate free draft",
  generateAnother: "Generate another",

  // Said by the polite node
  said: {
    writing: "The assistant is writing",
    stage: (stage: string) => `Film: ${stage}`,
    percent: (percent: number) => `Film ${percent} percent`,
    takesOver: (model: string) => `Film: ${model} takes over`,
    ask: (cost: string) => `A film waits for your yes: ${cost}`,
    ready: "Your film is ready",
    failed: "The film could not be made",
    dropped: (count: number) => `${count} ${count === 1 ? "image" : "images"} added`,
  },

  // Failures of our own
  noAnswer: "The server did not answer. Try again.",
}

export type Words = typeof english

function ordinal(place: number): string {
  const isTeen = Math.trunc((place % 100) / 10) === 1
  return `${place}${(isTeen ? undefined : ["th", "st", "nd", "rd"][place % 10]) ?? "th"}`
}
