import { expect, test } from "vitest";
import { joinFormatted } from "../units/formatted-value.ts";
import { formatValue } from "../units/unit-formatter.ts";
import { tickTexts } from "./tick-texts.ts";

test.each([
  ["short", [0, 1000, 2000], ["0", "1 K", "2 K"]],
  ["short", [0, 1250, 2500], ["0", "1.25 K", "2.50 K"]],
  ["Bps", [0, 250, 750, 1000, 1250], ["0 B/s", "250 B/s", "750 B/s", "1.00 kB/s", "1.25 kB/s"]],
  ["s", [0, 0.5, 1, 1.5], ["0 s", "500 ms", "1.0 s", "1.5 s"]],
  ["s", [-60, 0, 60, 120], ["-1 min", "0 s", "1 min", "2 mins"]],
  ["bytes", [0, 2 ** 29, 2 ** 30], ["0 B", "512 MiB", "1 GiB"]],
  ["percentunit", [0, 0.25, 0.5], ["0%", "25%", "50%"]],
  ["s", [0, 0.005, 0.01], ["0 s", "5 ms", "10 ms"]],
  ["none", [0.1, 0.15, 0.2], ["0.10", "0.15", "0.20"]],
])("tickTexts() of %s", (unit, ticks, texts) => {
  expect(tickTexts(ticks, (value, decimals) => joinFormatted(formatValue(unit, value, decimals)))).toEqual(texts);
});
