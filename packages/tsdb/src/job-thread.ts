import { Worker } from "node:worker_threads";
import { diskFiles, type Files } from "./files.ts";

/** Largest size of a thread's old generation, MB. The memory is needed for symbol tables; series are streamed. */
const HEAP_MB = 1024;

/** The methods of Node's Worker that the database uses. */
export interface JobThread {
  postMessage(job: unknown): void;
  on(event: "message" | "error" | "exit", listener: (message: unknown) => void): unknown;
  ref(): void;
  unref(): void;
  terminate(): Promise<unknown>;
}

/** The code of a thread, or a function that starts the thread. */
export type ThreadProgram = URL | (() => JobThread);

export const startThread = (name: string, program: ThreadProgram): JobThread =>
  typeof program === "function"
    ? program()
    : new Worker(program, { name, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });

/**
 * Returns whether a thread can use `files`. Code that runs in a thread of its own can only use the real file system.
 */
export const threadReaches = (files: Files, program: ThreadProgram | undefined): boolean =>
  files === diskFiles || typeof program === "function";
