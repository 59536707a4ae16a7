export { hasOpenssl, type KeyPair } from "@narthex/tls/testing";
export { selfSigned } from "./certificate.ts";
export { type FakeSmtp, fakeSmtp, type SmtpBehavior } from "./fake-smtp.ts";
export { httpSink } from "./http-sink.ts";
