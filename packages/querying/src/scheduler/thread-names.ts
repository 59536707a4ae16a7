export const MAIN_THREAD = "main";

/** Returns the name of a thread that runs jobs. Threads are numbered from 1. */
export const workerName = (number: number): string => `queries ${number}`;
