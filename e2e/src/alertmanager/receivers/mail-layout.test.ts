import { Labels } from "@narthex/model";
import type { Notification } from "@narthex/notification";
import { Renderer, sampleNotification } from "@narthex/receivers";
import { expect, test } from "vitest";
import { launchBrowser } from "../../support/headless-browser.ts";
import { lacks } from "../../support/requirements.ts";

const sample = sampleNotification("on-call", "http://am.example.org:9093", 1_795_000_000_000);
const [firing, resolved] = sample.alerts;

/** A notification whose names, values and URLs are too long for a line. */
const crowded: Notification = {
  ...sample,
  groupLabels: Labels.of({ alertname: "HighErrorRate", cluster: "production-eu-west-1", namespace: "n".repeat(120) }),
  alerts: Array.from({ length: 12 }, (_, i) => ({
    ...(i % 3 === 0 ? resolved! : firing!),
    labels: firing!.labels.with({ [`a_name_without_any_place_to_break_${"x".repeat(80)}`]: "y".repeat(300) }),
    annotations: Labels.of({
      summary: "s",
      description: "Many words of an annotation. ".repeat(40),
      link: `https://x/${"p/".repeat(200)}`,
    }),
    generatorUrl: i % 2 === 0 ? "" : firing!.generatorUrl,
  })),
};

test.skipIf(lacks("browser")).each([
  ["phone", 375, "light"],
  ["phone", 375, "dark"],
  ["desktop", 800, "light"],
  ["desktop", 800, "dark"],
] as const)("the default mail fits a %s's %d pixels and can be read (%s)", async (_device, width, colorScheme) => {
  const chrome = await launchBrowser();
  try {
    const page = await chrome.newPage({ viewport: { width, height: 800 }, colorScheme });
    for (const notification of [sample, crowded]) {
      await page.setContent(
        Renderer.load([], () => 0)
          .for(notification)
          .html('{{ template "email.default.html" . }}'),
      );
      const seen = await page.evaluate<Seen>(LOOK);
      expect(seen.width).toBe(width);
      expect(seen.poor).toEqual([]);
      expect(seen.sources).toBe(notification.alerts.filter(({ generatorUrl }) => generatorUrl !== "").length);
    }
  } finally {
    await chrome.close();
  }
});

interface Seen {
  readonly width: number;
  readonly sources: number;
  readonly poor: readonly string[];
}

/**
 * Script for the mail's HTML page. Returns the page's width, the links to alert sources, and the texts whose contrast
 * is below 3 : 1.
 */
const LOOK = `(() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const backgroundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const found = numbers(getComputedStyle(at).backgroundColor);
      if (found[3] !== 0) return found;
    }
    return [255, 255, 255];
  };
  const share = (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) => 0.2126 * share(red) + 0.7152 * share(green) + 0.0722 * share(blue);
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent.trim();
    if (text === "") continue;
    const element = node.parentElement;
    const [a, b] = [luminance(numbers(getComputedStyle(element).color)), luminance(backgroundOf(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 3) poor.push(contrast.toFixed(1) + ": " + text.slice(0, 40));
  }
  const sources = [...document.querySelectorAll("a")].filter((link) => link.textContent === "Source").length;
  return { width: document.documentElement.scrollWidth, sources, poor };
})()`;
