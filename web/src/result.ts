/** What the page is told of a finished film: the seed's result, from the record. */
import type { CreativeOut, GenerationResult } from "./protocol"
import type { Job, Money } from "./timeline"

export type VideoGenerated = Omit<GenerationResult, "jobId" | "cost"> &
  Partial<Pick<GenerationResult, "jobId" | "cost">> & {
    /** The page's own name for where in a campaign this happened: the element's attribute. */
    readonly step: string
  }

export function resultOf(creative: CreativeOut, job: Job | undefined, step: string): VideoGenerated {
  const { visual, metadata } = creative
  const cost = costOf(creative, job)
  return {
    videoUrl: visual.url,
    videoPath: pathOf(visual.url),
    prompt: visual.prompt,
    ...(visual.refinedPrompt === undefined ? {} : { refinedPrompt: visual.refinedPrompt }),
    model: visual.model,
    duration: visual.duration,
    referenceImages: visual.referenceImages,
    metadata: {
      generatedAt: metadata.generatedAt,
      provider: metadata.provider,
      ...(metadata.resolution === undefined ? {} : { resolution: metadata.resolution }),
    },
    creativeId: creative._id,
    ...(visual.requestedModel === undefined ? {} : { requestedModel: visual.requestedModel }),
    ...(job === undefined ? {} : { jobId: job.id }),
    ...(cost === undefined ? {} : { cost }),
    warnings: job?.quote.warnings ?? [],
    step,
  }
}

/** What it came to; as it was quoted where nothing was recorded, as for a free one. */
export const costOf = ({ metadata }: CreativeOut, job: Job | undefined): Money | undefined =>
  metadata.cost ?? job?.quote.total

/** The stored path behind an address: what follows `/media/`, or the path of a public bucket. */
export function pathOf(url: string): string {
  const path = decodeURIComponent(new URL(url).pathname)
  const at = path.indexOf("/media/")
  return at === -1 ? path.slice(1) : path.slice(at + "/media/".length)
}
