import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { appendRows } from "../../testing/sample-rows.ts";
import { Head } from "../head.ts";
import { RowStates } from "./row-states.ts";

test("the states of rows take exactly the memory of their columns", async () => {
  const head = new Head(0);
  await appendRows(
    head,
    [1, 2, 3].map((i) => [Labels.of({ __name__: `m${i}` }), 1000, i]),
  );
  const rows = Uint32Array.of(3, 1, 2);
  const states = await head.withSnapshot((snapshot) => RowStates.take(head.memory, rows, snapshot));
  const columns = Object.values(states).filter((value) => ArrayBuffer.isView(value) && value !== rows);
  const bytes = columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(bytes).toBe(states.openMinTime.buffer.byteLength);
});
