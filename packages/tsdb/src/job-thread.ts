import { Worker } from "node:worker_threads";
import { diskFiles, type Files } from "./files.ts";

/** Largest old space of a thread, MB. Series are streamed; the memory is needed for the symbol tables. */
const HEAP_MB = 1024;

/** The part of Node's Worker that the database uses. */
export interface JobThread {
  postMessage(job: unknown): void;
  on(event: "message" | "error" | "exit", listener: (message: unknown) => void): unknown;
  ref(): void;
  unref(): void;
  terminate(): Promise<unknown>;
}

/** The program of a thread, or a function that starts the thread. */
export type ThreadProgram = URL | (() => JobThread);

export const startThread = (name: string, program: ThreadProgram): JobThread =>
  typeof program === "function"
    ? program()
    : new Worker(program, { name, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });

/** Does a thread work on the same files? A program in its own thread sees the machine's disks only. */
export const threadReaches = (files: Files, program: ThreadProgram | undefined): boolean =>
  files === diskFiles || typeof program === "function";
