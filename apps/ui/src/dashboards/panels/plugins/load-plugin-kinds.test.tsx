import { afterEach, expect, test, vi } from "vitest";
import { drawnKindOf } from "../registry.ts";
import { loadPluginKinds } from "./load-plugin-kinds.ts";

afterEach(() => vi.unstubAllGlobals());

test("the panel types of plugins are asked for once, again after a failure, and have the options of the plugin", async () => {
  let asked = 0;
  const days = {
    id: "days",
    name: "Days",
    description: "",
    revision: "1",
    options: [
      { key: "title", label: "Title", type: "text", initial: "T" },
      { key: "size", label: "Size", type: "choice", choices: ["small", "large"] },
      { key: "isOn", label: "On", type: "switch", initial: true },
    ],
  };
  vi.stubGlobal("fetch", () =>
    ++asked === 1
      ? Promise.reject(new Error("the server restarts"))
      : Promise.resolve(Response.json({ plugins: [days, { ...days, id: "table" }], reloads: false })),
  );
  await loadPluginKinds();
  expect(drawnKindOf("days")).toBeUndefined();
  await loadPluginKinds();
  await loadPluginKinds();
  expect(asked).toBe(2);
  const { options } = await drawnKindOf("days")!.load();
  expect(options).toMatchObject({
    title: { kind: "text", path: "title", initial: "T" },
    size: { kind: "choice", initial: "small" },
    isOn: { kind: "switch", initial: true },
  });
  expect(drawnKindOf("table")!.name).toBe("Table");
});
