import { expect, test } from "vitest";
import { passkeySiteOf } from "./passkey-site.ts";

const settings = { narthexPasskeys: { rpId: "grafana.example" }, appUrl: "https://grafana.example/sub/" };

const at = (origin: string, more: object = {}) => ({
  isSecureContext: true,
  PublicKeyCredential: {},
  location: { origin },
  ...more,
});

test.each([
  ["https://grafana.example", true],
  ["https://grafana.example:8443", false],
  ["http://grafana.example", false],
  ["https://eu.grafana.example", false],
  ["https://mygrafana.example", false],
  ["https://10.0.0.1", false],
])("at %s, the page is at the address of the server: %s", (origin, isHere) => {
  expect(passkeySiteOf(settings, at(origin))).toEqual({ address: settings.appUrl, isHere, isSupported: true });
});

test("passkeys need a browser with passkeys and a secure page", () => {
  const origin = "https://grafana.example";
  for (const lack of [{ isSecureContext: false }, { PublicKeyCredential: undefined }])
    expect(passkeySiteOf(settings, at(origin, lack))).toMatchObject({ isHere: true, isSupported: false });
});

test("without the setting, the server accepts no passkeys", () => {
  expect(passkeySiteOf({ appUrl: settings.appUrl }, at("https://grafana.example"))).toBeUndefined();
});
