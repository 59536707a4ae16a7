import { encode } from "uqr";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../../../../testing/drawn-page.tsx";
import QrCode from "./QrCode.tsx";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

test("the drawing contains each dark module of the code, and an empty border", async () => {
  const text = "otpauth://totp/Narthex:eve@example.com?secret=JBSWY3DPEHPK3PXP&issuer=Narthex";
  await page.draw(<QrCode text={text} label="QR code" />);
  const { data } = encode(text, { ecc: "M", border: 4 });
  const drawn = data.map((row) => row.map(() => false));
  for (const [, x, y, width] of (page.find("svg path", "").getAttribute("d") ?? "").matchAll(
    /M(\d+) (\d+)h(\d+)v1H\1z/g,
  ))
    drawn[Number(y)]?.fill(true, Number(x), Number(x) + Number(width));
  expect(drawn).toEqual(data);
  expect(drawn.slice(0, 4).flat().includes(true)).toBe(false);
  expect(page.find("svg", "QR code").getAttribute("viewBox")).toBe(`0 0 ${data.length} ${data.length}`);
});
