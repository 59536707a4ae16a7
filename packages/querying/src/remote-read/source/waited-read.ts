import { type Clock, systemClock } from "@narthex/runtime";
import { recordedWait, type SelectHints, type WaitRecorder } from "@narthex/storage";
import type { RemoteRead, RemoteReader, RemoteSelection } from "./remote-reader.ts";

/** Sends a request to other servers. Records how long it waits for responses and their pieces. */
export async function waitedRead(
  reader: RemoteReader,
  selection: RemoteSelection,
  { signal, waits }: Pick<SelectHints, "signal" | "waits">,
): Promise<RemoteRead> {
  if (waits === undefined) return reader.read(selection, signal);
  const read = await recordedWait(waits, "server", reader.read(selection, signal));
  return {
    answers: read.answers.map((answer) => ({ ...answer, body: piecesOf(answer.body, waits) })),
    problems: read.problems,
    close: (outcome) => read.close(outcome),
  };
}

async function* piecesOf(body: AsyncIterable<Uint8Array>, waits: WaitRecorder): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await recordedWait(waits, "server", pieces.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await pieces.return?.();
  }
}

/** Returns a clock that records how long other jobs of the thread run between two parts of reading a response. */
export const clockTelling = (waits: WaitRecorder | undefined): Clock =>
  waits === undefined
    ? systemClock
    : { ...systemClock, sleep: (ms, signal) => recordedWait(waits, "turn", systemClock.sleep(ms, signal)) };
