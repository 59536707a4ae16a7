import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../../testing/drawn-page.tsx";
import { VariableQueryField } from "./VariableQueryField.tsx";

let page: DrawnPage;
const committed: string[] = [];

beforeEach(() => {
  committed.length = 0;
  page = new DrawnPage();
  vi.stubGlobal("fetch", async (url: string) => {
    const { pathname } = new URL(url, "http://x");
    const names = pathname.endsWith("/labels") ? ["__name__", "instance"] : ["up", "node_load1"];
    return Response.json({ status: "success", data: names });
  });
});
afterEach(() => page.close());

function Field({ start }: { start: string }) {
  const [value, setValue] = useState(start);
  const commit = (text: string): void => {
    committed.push(text);
    setValue(text);
  };
  return <VariableQueryField uid="main" value={value} help="how to write it" onCommit={commit} />;
}

async function write(label: string, text: string): Promise<void> {
  await page.type(page.field(label), text);
  await page.press("Enter", page.field(label));
}

test("the query of a new variable is written from a label and a metric", async () => {
  await page.draw(<Field start="" />);
  await write("Metric or selector", "up");
  await write("Label name", "instance");
  expect(committed).toEqual(["label_values(up, )", "label_values(up, instance)"]);
  expect([page.field("Metric or selector").value, page.field("Label name").value]).toEqual(["up", "instance"]);
});

test("a query of another form is text, which is completed", async () => {
  await page.draw(<Field start={'up{job="a"}'} />);
  expect(page.field("Query").value).toBe('up{job="a"}');
  await write("Query", "label_values(node_load1, instance)");
  expect(committed).toEqual(["label_values(node_load1, instance)"]);
  expect(page.field("Label name").value).toBe("instance");
});
