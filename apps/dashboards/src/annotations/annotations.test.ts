import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";

test("annotations are found by all of their tags or by one of them, and the number of tags is limited", async () => {
  await withRole({}, async ({ call }) => {
    const add = (text: string, tags: readonly string[]) => call("POST", "/api/annotations", { text, tags, time: 1000 });
    await add("both", ["a", "b", "a", ""]);
    await add("one", ["a"]);
    await add("none", []);
    const texts = async (query: string): Promise<string[]> =>
      (await call("GET", `/api/annotations?${query}`)).json.map(({ text }: { text: string }) => text).toSorted();
    expect(await texts("tags=a&tags=b&tags=a")).toEqual(["both"]);
    expect(await texts("tags=b&tags=c&matchAny=true")).toEqual(["both"]);
    expect(await texts("tags=a")).toEqual(["both", "one"]);
    expect((await call("GET", "/api/annotations/1")).json.tags).toEqual(["a", "b"]);
    const many = await add(
      "many",
      Array.from({ length: 501 }, (_, i) => `t${i}`),
    );
    expect([many.status, many.json.message]).toEqual([400, "an annotation can have at most 500 tags"]);
  });
});
