export { hasOpenssl, type KeyPair } from "@narthex/tls/testing";
export { selfSigned } from "./certificate.ts";
export { type FakeSmtp, fakeSmtp, type SmtpBehavior, type ReceivedMail } from "./fake-smtp.ts";
