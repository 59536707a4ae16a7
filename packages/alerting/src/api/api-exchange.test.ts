import type { FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { mediaTypeFault, queryList } from "./api-exchange.ts";

const faultOf = (type: string): string | undefined =>
  mediaTypeFault({ headers: { "content-type": type } } as unknown as FastifyRequest)?.message;

test.each([
  "application/json",
  "Application/JSON ;",
  "application/json; charset=utf-8; ",
  'application/json;a="\\";";',
])("%j is the type of JSON", (type) => expect(faultOf(type)).toBeUndefined());

test.each(["application/json;a", "application/json;;", "application/json; a=b c"])("%j is refused", (type) => {
  expect(faultOf(type)).toContain("mime: invalid media parameter");
});

test("blanks before a broken parameter are read in one pass", () => {
  expect(faultOf(`application/json;a=b${" ".repeat(1_000_000)}x`)?.endsWith("mime: invalid media parameter")).toBe(
    true,
  );
});

test("values of a query parameter are unescaped, including bytes that are not UTF-8, and broken pairs are left out", () => {
  const url = "/alerts?f=a%2Bb+%C3%A9&other=x&f=%ff&f=%zz&f=a;b&f&%66=c%3dd";
  expect(queryList({ url } as FastifyRequest, "f")).toEqual(["a+b é", "\ufffd", "", "c=d"]);
});
