import { Readable } from "node:stream";
import { reasonOf } from "@narthex/runtime";
import type { PacedDownload } from "./connection-pool.ts";
import type { ResponseHead } from "./http1-head.ts";
import type { BodySink } from "./http1-reader.ts";

/** An answer whose body arrives no faster than it is read. A body that is left has to be destroyed. */
export interface StreamedAnswer {
  readonly head: ResponseHead;
  readonly body: Readable;
}

/**
 * The answer of a download as soon as its head has come, or undefined if the download leads nowhere. Rejects as the
 * download does, and with the signal's reason; behind the head the body fails so.
 */
export function streamedAnswer(
  begin: (sink: BodySink) => PacedDownload,
  signal?: AbortSignal,
): Promise<StreamedAnswer | undefined> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) throw reasonOf(signal);
    let isOver = false;
    const body = new Readable({
      read: () => download.resume(),
      destroy(error, done) {
        if (!isOver) download.cancel(error ?? new Error("the answer is left"));
        done(error);
      },
    });
    // Whoever reads hears of it; where no one does, it is no one's.
    body.on("error", () => undefined);
    const download = begin({
      begin: (head) => resolve({ head, body }),
      write(bytes, from, to) {
        // What comes next overwrites these.
        if (!body.push(Buffer.from(bytes.subarray(from, to)))) download.pause();
      },
    });
    const abort = (): void => download.cancel(reasonOf(signal!));
    signal?.addEventListener("abort", abort, { once: true });
    const over = (): void => {
      isOver = true;
      signal?.removeEventListener("abort", abort);
    };
    download.answer.then(
      (head) => {
        over();
        if (head === undefined) resolve(undefined);
        else body.push(null);
      },
      (error: Error) => {
        over();
        reject(error);
        body.destroy(error);
      },
    );
  });
}
