/** The main thread, as lists of jobs and explained queries name it. */
export const MAIN_THREAD = "main";

/** The same of a thread that does jobs, by its number from 1. */
export const workerName = (number: number): string => `queries ${number}`;
