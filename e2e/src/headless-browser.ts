import { type Browser, chromium } from "playwright-core";
import { browser as executablePath } from "./requirements.ts";

/** Starts the browser, with all that it does in the background by itself switched off. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
