export { hasOpenssl, type KeyPair, selfSigned } from "./certificate.ts";
export { type FakeSmtp, fakeSmtp, type SmtpBehavior, type ReceivedMail } from "./fake-smtp.ts";
