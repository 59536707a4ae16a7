import { cpus, totalmem } from "node:os";

/** CPU time of all cores since the start of the machine, in milliseconds. */
export interface ProcessorTimes {
  readonly idle: number;
  readonly all: number;
}

/** Share of idle CPU time above which another test suite may start. */
const UNUSED_PART = 0.2;
/** Share of the memory that must be free before another test suite may start. */
const FREE_MEMORY_PART = 0.25;

/** Reports whether the machine has enough idle CPU time and free memory for more work. */
export class IdleMachine {
  readonly #read: () => ProcessorTimes;
  readonly #freeMemoryPart: () => number;
  #last: ProcessorTimes;

  constructor(read = processorTimes, freeMemoryPart = () => process.availableMemory() / totalmem()) {
    this.#read = read;
    this.#freeMemoryPart = freeMemoryPart;
    this.#last = read();
  }

  /** Returns whether CPU cores were idle since the last call and memory is free. */
  isIdle(): boolean {
    const [now, last] = [this.#read(), this.#last];
    this.#last = now;
    return now.idle - last.idle > UNUSED_PART * (now.all - last.all) && this.#freeMemoryPart() > FREE_MEMORY_PART;
  }
}

function processorTimes(): ProcessorTimes {
  const times = cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({
    idle,
    all: user + nice + sys + idle + irq,
  }));
  const sum = (key: keyof ProcessorTimes): number => times.reduce((total, one) => total + one[key], 0);
  return { idle: sum("idle"), all: sum("all") };
}
