/** The main thread's name in lists of jobs and in explained queries. */
export const MAIN_THREAD = "main";

/** Returns the name of a thread that runs jobs, by its number from 1. */
export const workerName = (number: number): string => `queries ${number}`;
