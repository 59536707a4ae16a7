import { MantineProvider } from "@mantine/core";
import { act } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PageLink, Role } from "./role.ts";
import { App } from "./App.tsx";
import { whenLoaded } from "./when-loaded.tsx";

let page: HTMLElement;
let root: Root;

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  page = document.body.appendChild(document.createElement("div"));
  root = createRoot(page, { onCaughtError: () => undefined });
});
afterEach(async () => {
  await act(async () => root.unmount());
  page.remove();
  vi.unstubAllGlobals();
});

const role: Role = {
  start: "/",
  pages: [{ path: "/", Page: () => <h1>The page</h1> }],
  links: [],
  menu: [],
  waitsUntilReady: false,
};

test("a link of the bar is highlighted on the pages that belong to it", async () => {
  history.replaceState(null, "", "/d/x");
  const links = ["/dashboards", "/query"].map((path): PageLink => ({
    path,
    name: path,
    icon: (() => null) as unknown as PageLink["icon"],
  }));
  const owned = links.with(0, { ...links[0]!, owns: (path) => path.startsWith("/d/") });
  const pages = [{ path: "/d/:uid", Page: () => <h1>A dashboard</h1> }];
  await act(async () =>
    root.render(
      <MantineProvider env="test">
        <App role={{ ...role, pages, links: owned }} neighbours={[]} />
      </MantineProvider>,
    ),
  );
  history.replaceState(null, "", "/");
  const highlighted = [...page.querySelectorAll("nav a[data-owner]")].map((link) => link.textContent);
  expect(highlighted).toEqual(["/dashboards"]);
});

const draw = (Tools: NonNullable<Role["Tools"]>): Promise<void> =>
  act(async () =>
    root.render(
      <MantineProvider env="test">
        <App role={{ ...role, Tools }} neighbours={[]} />
      </MantineProvider>,
    ),
  );

test.each([
  [
    "throw",
    () => {
      throw new Error("no tools");
    },
  ],
  ["cannot be loaded", whenLoaded<object>(() => Promise.reject(new Error("no such file")), null)],
])("if the tools of the bar %s, the rest of the bar and the page are still shown", async (_, Tools) => {
  await draw(Tools as NonNullable<Role["Tools"]>);
  expect(page.querySelector("h1")?.textContent).toBe("The page");
  expect(page.querySelector("header")?.textContent).toContain("Narthex");
});
