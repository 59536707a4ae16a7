import { type Clock, TimeSlice } from "@narthex/runtime";
import { QueryFailure } from "../../query-failure.ts";
import type { ResultReader } from "../../sql/result-frame.ts";
import { serverFailure } from "../clickhouse-failure.ts";
import { ByteReader } from "./byte-reader.ts";
import { columnReader } from "./column-reader.ts";
import { parseColumnType } from "./column-type.ts";
import { ValueColumn } from "./value-column.ts";
import type { ValueReader } from "./plain-columns.ts";

/** Longest work on an answer without a pause, ms. */
const SLICE_MS = 4;
const MAX_ERROR_BYTES = 64 * 1024;
/** Texts with which a server begins a message within an answer. */
const MESSAGES = ["Code: ", "Poco::Exception", "std::exception", "\r\n__exception__"];
const LONGEST_MESSAGE = 16;
/** Largest number of columns of a block that is read; the reader of the result has a smaller limit of its own. */
const MAX_COLUMNS = 10_000;
/** Largest number of characters in the types of all columns. */
const MAX_TYPES = 1024 * 1024;
/** Largest number of blocks without rows. Servers send one or two. */
const MAX_EMPTY_BLOCKS = 1000;
/** Rows of a column that are kept at once. */
const PART_ROWS = 50_000;
/** Largest number of cells of a block, which is in memory completely. */
const MAX_CELLS = 5_000_000;

interface Column {
  readonly typeText: string;
  readonly reader: ValueReader;
  readonly column: ValueColumn;
}

/**
 * Reads an answer in ClickHouse's format Native: blocks of rows, stored by columns. Stops at the result's largest number
 * of rows. Throws QueryFailure, also for an error that the server has written into the answer.
 */
export async function readBlocks(pieces: AsyncIterable<Uint8Array>, result: ResultReader, clock: Clock): Promise<void> {
  const bytes = new ByteReader(pieces, new TimeSlice(clock, SLICE_MS));
  let columns: readonly Column[] | undefined;
  for (let empty = 0; ;) {
    // oxlint-disable-next-line no-await-in-loop -- an answer may consist of many small blocks
    await bytes.pause();
    // oxlint-disable-next-line no-await-in-loop -- the blocks follow each other
    const start = (await bytes.peek(LONGEST_MESSAGE)).toString("latin1");
    if (start === "") return;
    if (MESSAGES.some((message) => start.startsWith(message)))
      // oxlint-disable-next-line no-await-in-loop -- the end of the answer
      throw serverFailure(await bytes.rest(MAX_ERROR_BYTES));
    // oxlint-disable-next-line no-await-in-loop -- the blocks follow each other
    const { read, rows, hasMore } = await readBlock(bytes, result, columns);
    columns = read;
    if (!hasMore) return;
    if (rows === 0 && ++empty > MAX_EMPTY_BLOCKS) throw notNative();
  }
}

async function readBlock(
  bytes: ByteReader,
  result: ResultReader,
  known: readonly Column[] | undefined,
): Promise<{ readonly read: readonly Column[]; readonly rows: number; readonly hasMore: boolean }> {
  const [count, rows] = [await bytes.varint(), await bytes.varint()];
  if (count > MAX_COLUMNS || (count === 0 && rows > 0) || (known !== undefined && known.length !== count))
    throw notNative();
  if (count * rows > MAX_CELLS)
    throw new QueryFailure(422, `the data source sends blocks of more than ${MAX_CELLS} cells; select fewer columns`);
  const accepted = result.takeRows(rows, count);
  const columns: Column[] = [];
  let types = 0;
  for (let at = 0; at < count; at++) {
    // oxlint-disable-next-line no-await-in-loop -- the columns follow each other
    const [name, typeText] = [await bytes.text(), await bytes.text()];
    // A parsed type takes many times as much memory as its text.
    if ((types += typeText.length) > MAX_TYPES)
      throw new QueryFailure(422, `the types of the columns have more than ${MAX_TYPES} characters`);
    const column = known?.[at] ?? newColumn(name, typeText, result);
    if (column.typeText !== typeText) throw notNative();
    columns.push(column);
    // oxlint-disable-next-line no-await-in-loop -- an answer may have many columns
    await bytes.pause();
    if (rows === 0) continue;
    // oxlint-disable-next-line no-await-in-loop -- the columns follow each other
    await column.reader.prefix?.(bytes);
    // oxlint-disable-next-line no-await-in-loop -- the columns follow each other
    const values = await column.reader.values(bytes, rows);
    for (let from = 0; from < accepted; from += PART_ROWS) {
      column.column.push(values, from, Math.min(accepted, from + PART_ROWS));
      // oxlint-disable-next-line no-await-in-loop -- a long column is kept in parts
      await bytes.pause();
    }
  }
  if (known === undefined) result.beginWith(columns.map(({ column }) => column));
  return { read: columns, rows, hasMore: accepted === rows };
}

function newColumn(name: string, typeText: string, result: ResultReader): Column {
  const reader = columnReader(parseColumnType(typeText), result);
  return { typeText, reader, column: new ValueColumn(name, reader.kind) };
}

const notNative = (): QueryFailure =>
  new QueryFailure(502, "the data source does not answer in ClickHouse's format Native; remove FORMAT from the query");
