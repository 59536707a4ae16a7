import { expect, test } from "vitest";
import { readMatrixJson } from "./matrix-reader.ts";

const series = (name: string) => ({ metric: { metric: name, "}": ',{"metric":' }, values: [[1, "2"]] });

/** Returns a response whose body arrives in chunks of `size` bytes. */
function inPieces(text: string, size: number): Response {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new Response(
    new ReadableStream({
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      },
    }),
  );
}

test.each([
  ["no series", { status: "success", data: { resultType: "matrix", result: [] } }],
  ["one series", { status: "success", data: { resultType: "matrix", result: [series("ä")] } }],
  [
    "many, with what stands beside them",
    {
      status: "success",
      data: { resultType: "matrix", result: ["a", 'b"', "c\\", '"result":[{"metric":'].map(series), stats: { x: 1 } },
      warnings: ['x,{"metric":1}'],
    },
  ],
  ["a scalar", { status: "success", data: { resultType: "scalar", result: [1, "2"] } }],
  ["an error", { status: "error", error: "no" }],
])("a response with %s is parsed to the same result, however it is divided into chunks", async (_, answer) => {
  const text = JSON.stringify(answer);
  for (const size of [1, 2, 7, 64, text.length]) {
    expect(await readMatrixJson(inPieces(text, size))).toEqual(answer);
  }
});

test("a body that is not JSON is an error", async () => {
  await expect(readMatrixJson(inPieces('{"data":{"result":[{"metric":{}},{"metric":{', 5))).rejects.toThrow(
    SyntaxError,
  );
  await expect(readMatrixJson(inPieces("<html>", 5))).rejects.toThrow(SyntaxError);
});
