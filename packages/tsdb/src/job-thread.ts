import { Worker } from "node:worker_threads";
import { diskFiles, type Files } from "./files.ts";

/**
 * Memory limit of a worker thread in MB (its old generation). The memory is needed for symbol tables; series are
 * streamed.
 */
const HEAP_MB = 1024;

/** The methods of Node's Worker that the database uses. */
export interface JobThread {
  postMessage(job: unknown): void;
  on(event: "message" | "error" | "exit", listener: (message: unknown) => void): unknown;
  ref(): void;
  unref(): void;
  terminate(): Promise<unknown>;
}

/** The URL of a thread's code, or a function that starts the thread. */
export type ThreadProgram = URL | (() => JobThread);

export const startThread = (name: string, program: ThreadProgram): JobThread =>
  typeof program === "function"
    ? program()
    : new Worker(program, { name, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });

/**
 * Returns whether a worker thread could use `files`. A thread that is started from a URL can only use the real file
 * system.
 */
export const threadReaches = (files: Files, program: ThreadProgram | undefined): boolean =>
  files === diskFiles || typeof program === "function";
