import { formValues } from "@narthex/http";
import fastify from "fastify";
import { expect, test } from "vitest";
import { readForms } from "./request-bodies.ts";

const TYPE = "multipart/form-data; boundary=edge";
const part = (name: string, value: string): string =>
  `--edge\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

async function fieldsOf(body: string): Promise<readonly [readonly (readonly string[])[], string | undefined]> {
  const app = fastify();
  readForms(app);
  app.post("/", (request) => {
    const values = formValues(request);
    return [[...values], values.problem];
  });
  const { payload } = await app.inject({ method: "POST", url: "/", headers: { "content-type": TYPE }, body });
  return JSON.parse(payload);
}

test("multipart forms are read", async () => {
  expect(await fieldsOf(`${part("query", "up")}${part("time", "1")}--edge--\r\n`)).toEqual([
    [
      ["query", "up"],
      ["time", "1"],
    ],
    null,
  ]);
});

test("a multipart form with more parts than Go accepts is refused before it is parsed", async () => {
  expect(await fieldsOf(`${part("a", "").repeat(1001)}--edge--\r\n`)).toEqual([[], "multipart: message too large"]);
  expect((await fieldsOf(`${part("a", "").repeat(1000)}--edge--\r\n`))[0]).toHaveLength(1000);
});

test("as in Go, a multipart form with a control character in the header of a part is treated as empty", async () => {
  const rest = `${part("b", "\u0000")}--edge--\r\n`;
  for (const name of ["\u0000", "a\u001f", "\u007f"])
    expect(await fieldsOf(`${part(name, "x")}${rest}`)).toEqual([[], "malformed multipart form"]);
  for (const name of ["\t", " ", "~", "é"])
    expect((await fieldsOf(`${part(name, "x")}${rest}`))[0]).toEqual([
      [name, "x"],
      ["b", "\u0000"],
    ]);
});
