import { createHash } from "node:crypto";

/**
 * Program of a frame. Gets the input of the panel as messages of the page, and sends the actions of the plugin as
 * messages to the page, which checks them. Content policies do not cover WebRTC, so the program removes it.
 */
const PROGRAM = `
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection"]) delete globalThis[name];
const send = (message) => parent.postMessage({ narthexPanel: 1, ...message }, "*");
const fail = (error) => send({ kind: "error", message: String(error?.message ?? error).slice(0, 1000) });
addEventListener("error", ({ error, message }) => fail(error ?? message));
addEventListener("unhandledrejection", ({ reason }) => fail(reason));
const actions = {
  setTimeRange: ({ from, to }) => send({ kind: "setTimeRange", from, to }),
  openLink: (url) => send({ kind: "openLink", url: String(url) }),
  showError: fail,
};
const code = JSON.parse(document.getElementById("code").textContent);
import(URL.createObjectURL(new Blob([code], { type: "text/javascript" }))).then(({ render }) => {
  if (typeof render !== "function") throw new Error("the module does not export the function render");
  const element = document.getElementById("panel");
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || data?.narthexPanel !== 1) return;
    document.documentElement.style.colorScheme = data.input.theme;
    try { render(element, data.input, actions); send({ kind: "drawn" }); } catch (error) { fail(error); }
  });
  send({ kind: "ready" });
}).catch(fail);
`;

/**
 * Source of the program in a content security policy. The policy has no nonce, because a module passes a nonce on to
 * all modules that it imports.
 */
export const PROGRAM_HASH = `'sha256-${createHash("sha256").update(PROGRAM).digest("base64")}'`;

/** Returns the page of the frame that runs a plugin's module. */
export const framePage = (code: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Panel</title>
<style>html, body, #panel { margin: 0; width: 100%; height: 100%; overflow: auto; background: transparent; }
body { font: 13px system-ui, sans-serif; }</style>
<div id="panel"></div>
<script type="application/json" id="code">${JSON.stringify(code).replaceAll("<", "\\u003c")}</script>
<script type="module">${PROGRAM}</script>
</html>
`;
