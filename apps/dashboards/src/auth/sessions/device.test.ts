import { expect, test } from "vitest";
import { deviceOf } from "./device.ts";

test.each([
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/72.0 Safari/537.36",
    { browser: "Chrome", browserVersion: "72.0", os: "Linux", osVersion: "", device: "Other" },
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 11_0 like Mac OS X) AppleWebKit/604.1 (KHTML, like Gecko) Version/11.0 Mobile/15A Safari/604.1",
    { browser: "Safari", browserVersion: "11.0", os: "iOS", osVersion: "11.0", device: "iPhone" },
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
    { browser: "Firefox", browserVersion: "128.0", os: "Windows", osVersion: "NT 10.0", device: "Other" },
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
    { browser: "Microsoft Edge", browserVersion: "140.0", os: "Windows", osVersion: "NT 10.0", device: "Other" },
  ],
  [
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36",
    { browser: "Chrome", browserVersion: "140.0", os: "Android", osVersion: "15", device: "Other" },
  ],
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0 Safari/537.36",
    { browser: "Chrome", browserVersion: "141.0", os: "Linux", osVersion: "", device: "Other" },
  ],
  ["curl/8.5.0", { browser: "curl", browserVersion: "8.5.0", os: "", osVersion: "", device: "Other" }],
  ["Terraform", { browser: "Terraform", browserVersion: "", os: "", osVersion: "", device: "Other" }],
  ["", { browser: "", browserVersion: "", os: "", osVersion: "", device: "Other" }],
])("the browser, the system and the device of %j are named", (agent, device) => {
  expect(deviceOf(agent)).toEqual(device);
});
