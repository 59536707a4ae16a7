import { expect, test } from "vitest";
import { isGzipWanted } from "./gzip-wanted.ts";

test.each([
  "gzip",
  "gzip;q=0.5",
  "gzip;q=0.0001",
  "gzip;q=1.0000",
  "gzip;q=0.5;q=0",
  "gzip,zstd",
  "deflate, gzip ; q=0.1",
  "zstd;q=0.5,gzip;q=1",
  "identity;q=0.5, gzip;q=0.6",
])("gzip goes to who says %j", (header) => {
  expect(isGzipWanted(header)).toBe(true);
});

test.each([
  undefined,
  "",
  "gzip;q=0",
  "gzip; q=0",
  "gzip;q=0.000",
  "GZIP",
  "x-gzip",
  "notgzip gzip",
  "*",
  "gzip;q=0, *",
  "identity, gzip",
  "identity;q=0",
  "identity;q=0.5, gzip;q=0.1",
  "gzip;q=x",
  "gzip;q=2",
  "gzip;foo=1",
  ", ,gzip",
  "deflate",
])("plain text goes to who says %j", (header) => {
  expect(isGzipWanted(header)).toBe(false);
});
