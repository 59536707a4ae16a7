import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CommandError } from "../command-line/command.ts";

/** Asks the user questions on a terminal. Tests use a fake. */
export interface Terminal {
  /**
   * Asks a question. Resolves with the answer, without the line's end. Rejects with CommandError if the user cancels
   * (Ctrl-C, Ctrl-D).
   */
  prompt(question: string): Promise<string>;
  /** Asks a question without showing what the user types. */
  promptSecret(question: string): Promise<string>;
  say(text: string): void;
  close(): void;
}

/** Writes output to the terminal, except while the user types a secret. */
class Screen extends Writable {
  isMuted = false;
  readonly #target: NodeJS.WritableStream;

  constructor(target: NodeJS.WritableStream) {
    super({ decodeStrings: false });
    this.#target = target;
  }

  override _write(text: string, encoding: BufferEncoding, done: () => void): void {
    if (this.isMuted) done();
    else this.#target.write(text, encoding, () => done());
  }
}

/** Opens a terminal on two streams. The caller must close it, because an open terminal keeps reading the input. */
export function openTerminal(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Terminal {
  const screen = new Screen(output);
  const lines = createInterface({ input, output: screen, terminal: true, historySize: 0 });
  const leaving = new AbortController();
  // Aborts pending questions when the interface closes, because their promises would otherwise never settle.
  lines.on("SIGINT", () => leaving.abort()).on("close", () => leaving.abort());
  const prompt = async (question: string): Promise<string> => {
    try {
      return await lines.question(question, { signal: leaving.signal });
    } catch (error) {
      if (!leaving.signal.aborted) throw error;
      throw new CommandError("cancelled before the last question; nothing was written", { cause: error });
    }
  };
  return {
    prompt,
    async promptSecret(question) {
      output.write(question);
      screen.isMuted = true;
      try {
        return await prompt("");
      } finally {
        screen.isMuted = false;
        output.write("\n");
      }
    },
    say: (text) => void output.write(`${text}\n`),
    close: () => lines.close(),
  };
}
