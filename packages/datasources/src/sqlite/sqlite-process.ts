import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import type { SqlCell } from "../sql/result-columns.ts";
import type { MemoryDatabase } from "./memory-database.ts";
import type { LoadRequest, SqliteAnswer, SqliteRequest } from "./sqlite-messages.ts";

/**
 * Program of a process that reads one SQLite file, or runs SQL expressions over tables in memory. SQLite runs a statement without a pause and cannot be interrupted,
 * so the statement runs in a process of its own, which the role ends if a query takes too long.
 */
const BATCH_ROWS = 1000;
const BATCH_BYTES = 256 * 1024;
/** Longest text or blob in bytes, also of intermediate results. */
const MAX_VALUE_BYTES = 16 * 1024 * 1024;
/** Time in ms that a statement waits while another program writes the file. */
const BUSY_MS = 5000;
/** Largest resident memory of the process in bytes. */
const MAX_RSS = 512 * 1024 * 1024;

/**
 * Program of a thread that ends the process if the role has ended, or if a statement needs too much memory. During a
 * statement, the main thread of the process does not run timers.
 */
const WATCHDOG = `
  const never = new Int32Array(new SharedArrayBuffer(4));
  const isGood = () => process.ppid === ${process.ppid} && process.memoryUsage.rss() <= ${MAX_RSS};
  while (isGood()) Atomics.wait(never, 0, 0, 200);
  process.kill(process.pid, "SIGKILL");
`;

const decoder = new TextDecoder();
let database: DatabaseSync | undefined;
let memory: MemoryDatabase | undefined;
let rows: Iterator<readonly SQLOutputValue[]> | undefined;

/** Opens the file for reading. Other files cannot be attached, and extensions cannot be loaded. */
function open(file: string): void {
  const url = file.startsWith("file:") ? new URL(file) : file;
  database = new DatabaseSync(url, {
    readOnly: true,
    allowExtension: false,
    timeout: BUSY_MS,
    limits: { attach: 0, length: MAX_VALUE_BYTES },
  });
  // Sorted rows stay in memory, which has a limit, and are not written to the disk of temporary files.
  database.exec("PRAGMA temp_store = MEMORY");
  database.exec("PRAGMA query_only = 1");
  // The first read of the file shows whether it is a database.
  database.prepare("PRAGMA schema_version").get();
}

/** Changes the tables in memory. */
async function load(request: LoadRequest): Promise<SqliteAnswer> {
  if (request.kind === "memory") {
    rows = undefined;
    memory?.close();
    // Only SQL expressions need the functions of MySQL.
    const { MemoryDatabase } = await import("./memory-database.ts");
    memory = new MemoryDatabase(request.nowMs, MAX_VALUE_BYTES);
    ({ database } = memory);
  } else memory!.load(request);
  return { kind: "loaded" };
}

function run(sql: string, values: readonly string[]): SqliteAnswer {
  rows = undefined;
  const statement: StatementSync = database!.prepare(sql);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const columns = statement.columns().map(({ name, type }) => ({ name, type }));
  rows = statement.iterate(...values) as unknown as Iterator<readonly SQLOutputValue[]>;
  return { kind: "columns", columns };
}

function next(): SqliteAnswer {
  const batch: SqlCell[][] = [];
  let bytes = 0;
  while (batch.length < BATCH_ROWS && bytes < BATCH_BYTES) {
    const { done, value } = rows!.next();
    if (done === true) {
      rows = undefined;
      return { kind: "rows", rows: batch, bytes, isLast: true };
    }
    const row = value.map(cellOf);
    // An empty text takes memory and time too.
    for (const cell of row) bytes += 8 + (typeof cell === "string" ? cell.length : 0);
    batch.push(row);
  }
  return { kind: "rows", rows: batch, bytes, isLast: false };
}

function cellOf(value: SQLOutputValue): SqlCell {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return value instanceof Uint8Array ? decoder.decode(value) : value;
}

async function answerTo(request: SqliteRequest): Promise<SqliteAnswer> {
  switch (request.kind) {
    case "open":
      open(request.file);
      return { kind: "opened" };
    case "run":
      return run(request.sql, request.values);
    case "next":
      return next();
    default:
      return load(request);
  }
}

/** Returns the message of an error of SQLite in the form that Go's driver writes: text, details, code. */
function messageOf(error: unknown): string {
  const { message, errstr, errcode } = error as { message: string; errstr?: string; errcode?: number };
  if (errstr === undefined) return message;
  return `${errstr === message ? "" : `${errstr}: `}${message} (${errcode})`;
}

const watchdog = new Worker(WATCHDOG, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } });
watchdog.unref();
// The role waits for each answer before it sends the next request.
process.on("message", async (request: SqliteRequest) => {
  let answer: SqliteAnswer;
  try {
    answer = await answerTo(request);
  } catch (error) {
    rows = undefined;
    answer = { kind: "failure", message: messageOf(error) };
  }
  process.send!(answer);
});
