import { bodyFormat, ENTRY_END, ENTRY_HISTOGRAM, ENTRY_SERIES, ExpositionError, openReader } from "@narthex/exposition";
import type { ScrapeConfig } from "@narthex/config";
import type { WebAnswer } from "./network/network.ts";

/**
 * Number of samples on a metrics page, or the reason why the page cannot be read. If `isPartial` is set, only the
 * beginning of the page was read.
 */
export type PageReading =
  | { readonly ok: true; readonly samples: number; readonly isPartial: boolean }
  | { readonly ok: false; readonly problem: string; readonly isFormat: boolean };

/** Parses a metrics page with the settings of the scrape job, as a scrape does. */
export function readPage({ contentType, body, isCut }: WebAnswer, job: ScrapeConfig): PageReading {
  const choice = bodyFormat(contentType, job.fallbackScrapeProtocol);
  if (!choice.ok) return { ok: false, problem: choice.problem, isFormat: true };
  let samples = 0;
  try {
    const reader = openReader(choice.format, body);
    for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
      if (kind === ENTRY_SERIES || kind === ENTRY_HISTOGRAM) samples++;
    }
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    // The parse error of a truncated page is ignored, because the page may end in the middle of a line.
    if (!isCut || samples === 0) return { ok: false, problem: error.message, isFormat: false };
  }
  return { ok: true, samples, isPartial: isCut };
}
