import { Readable } from "node:stream";
import { reasonOf } from "@narthex/runtime";
import type { PacedDownload } from "./connection-pool.ts";
import type { ResponseHead } from "./http1-head.ts";
import type { BodySink } from "./http1-reader.ts";

/**
 * An HTTP answer whose body is received only as fast as it is read. A body that is not read to its end must be
 * destroyed.
 */
export interface StreamedAnswer {
  readonly head: ResponseHead;
  readonly body: Readable;
}

/**
 * Returns the answer of a download as soon as its head was received; undefined if the pool cannot send the request.
 * Rejects with the download's error or with the signal's reason. After the head was received, the body fails with these
 * errors.
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
        if (!isOver) download.cancel(error ?? new Error("the rest of the answer is not needed"));
        done(error);
      },
    });
    // Ignores an error if the body has no reader. Otherwise the reader gets the error.
    body.on("error", () => undefined);
    const download = begin({
      begin: (head) => resolve({ head, body }),
      write(bytes, from, to) {
        // Copies the bytes, because the next bytes overwrite them.
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
