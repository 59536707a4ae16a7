export { hasOpenssl, type KeyPair, selfSigned } from "./certificate.ts";
export { type FakeSmtp, fakeSmtp, type SmtpManners, type TakenMail } from "./fake-smtp.ts";
