import { expect, onTestFinished, test } from "vitest";
import { keepIcon } from "./page-settings.ts";

test("the address of the page's icon does not change when the path of the page changes", () => {
  const icon = document.head.appendChild(document.createElement("link"));
  onTestFinished(() => {
    icon.remove();
    history.replaceState(null, "", "/");
  });
  history.replaceState(null, "", "/dashboard/new");
  icon.rel = "icon";
  icon.setAttribute("href", "../favicon.svg");
  const before = icon.href;
  keepIcon();
  history.replaceState(null, "", "/d/uid/slug/edit");
  expect(icon.href).toBe(before);
  expect(icon.getAttribute("href")).toBe(before);
});
