import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { signalDrawn } from "./signal-drawn.ts";

let frames: (() => void)[];
let sent: string[];
let host: HTMLElement;
let control: AbortController;

/** Lets the page draw one frame. */
async function frame(): Promise<void> {
  const callbacks = frames;
  frames = [];
  for (const callback of callbacks) callback();
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

async function drawFrames(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await frame();
}

const resizeTo = (height: number): void => {
  vi.stubGlobal("innerHeight", height);
  dispatchEvent(new Event("resize"));
};

beforeEach(async () => {
  frames = [];
  sent = [];
  control = new AbortController();
  vi.stubGlobal("requestAnimationFrame", (callback: () => void) => frames.push(callback));
  Object.defineProperty(document, "fonts", { configurable: true, value: { ready: Promise.resolve() } });
  vi.stubGlobal("innerHeight", 800);
  host = document.createElement("div");
  host.innerHTML = '<div data-panel-state="data"></div>';
  const feeds = { isBusy: () => false, watch: () => () => undefined };
  const send = (heights: string): void => void sent.push(heights);
  signalDrawn({ host, feeds, client: new QueryClient(), awaited: "[data-panel-state]", send, signal: control.signal });
  await frame();
});
afterEach(() => {
  control.abort();
  vi.unstubAllGlobals();
});

const windowHeights = (): readonly string[] => sent.map((heights) => heights.split(" ")[1]!);

test("the signal of a page is sent once for each height of its window", async () => {
  await drawFrames(3);
  expect(windowHeights()).toEqual(["800"]);
  host.append("more");
  await drawFrames(3);
  expect(windowHeights()).toEqual(["800"]);
  resizeTo(2000);
  await drawFrames(3);
  expect(windowHeights()).toEqual(["800", "2000"]);
});

test("after a change of the window's height during a check, two more frames are awaited", async () => {
  await frame();
  resizeTo(2000);
  await drawFrames(2);
  expect(sent).toEqual([]);
  await drawFrames(2);
  expect(windowHeights()).toEqual(["2000"]);
});

test("no signal is sent while a panel loads", async () => {
  host.innerHTML = '<div data-panel-state="loading"></div>';
  await drawFrames(4);
  expect(sent).toEqual([]);
  host.innerHTML = '<div data-panel-state="data"></div>';
  await drawFrames(4);
  expect(windowHeights()).toEqual(["800"]);
});
