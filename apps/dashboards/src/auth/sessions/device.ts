import Bowser from "bowser";

/** The program and the device that a User-Agent header names. Texts are empty if the header does not name them. */
export interface Device {
  readonly browser: string;
  readonly browserVersion: string;
  readonly os: string;
  readonly osVersion: string;
  /** Model of a telephone or tablet, otherwise `Other`. */
  readonly device: string;
}

const NONE: Device = { browser: "", browserVersion: "", os: "", osVersion: "", device: "Other" };

/** Parses a User-Agent header. Programs that are not browsers keep the name that they give themselves. */
export function deviceOf(agent: string): Device {
  if (agent === "") return NONE;
  const { browser, os, platform } = Bowser.parse(agent);
  const named =
    browser.name === undefined || browser.name === ""
      ? programOf(agent)
      : { browser: browser.name, browserVersion: browser.version ?? "" };
  return { ...named, os: os.name ?? "", osVersion: os.version ?? "", device: platform.model ?? "Other" };
}

/** Returns the name and version of the first product in a User-Agent header: `curl` and `8.5.0` for `curl/8.5.0`. */
function programOf(agent: string): Pick<Device, "browser" | "browserVersion"> {
  const [product = ""] = agent.split(" ", 1);
  const [browser = "", browserVersion = ""] = product.split("/", 2);
  return { browser, browserVersion };
}
