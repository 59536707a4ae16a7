import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { NotificationBell } from "./NotificationBell.tsx";

let page: DrawnPage;
const streams: FakeStream[] = [];
let status: number;

class FakeStream extends EventTarget {
  static readonly CLOSED = 2;
  readyState = 0;

  constructor() {
    super();
    streams.push(this);
  }

  close(): void {
    this.readyState = FakeStream.CLOSED;
  }
}

beforeEach(() => {
  page = new DrawnPage();
  streams.length = 0;
  status = 502;
  vi.stubGlobal("EventSource", FakeStream);
  vi.stubGlobal("fetch", async () =>
    status === 200 ? Response.json({ status: "success", data: [] }) : new Response("no", { status }),
  );
});
afterEach(() => page.close());

const label = (): string | null => page.all("button")[0]?.getAttribute("aria-label") ?? null;
const happens = (name: string): Promise<void> => act(async () => void streams[0]!.dispatchEvent(new Event(name)));

test("a lost connection does not read as no notifications", async () => {
  await page.draw(<NotificationBell />);
  expect(label()).toBe("No notifications");
  await happens("error");
  expect(label()).toBe("Notifications could not be loaded");
  await happens("open");
  expect(label()).toBe("No notifications");
});

test.each([
  [502, "Notifications could not be loaded"],
  [200, "No notifications"],
  // The server has no notifications at all.
  [404, "No notifications"],
])("a poll that is answered with status %i reads as %j", async (answered, words) => {
  status = answered;
  await page.draw(<NotificationBell />);
  streams[0]!.close();
  await happens("error");
  await page.until(() => expect(label()).toBe(words));
  await page.settle();
  expect(label()).toBe(words);
});
