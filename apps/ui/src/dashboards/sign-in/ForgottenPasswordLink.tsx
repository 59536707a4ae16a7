import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { useSignInOptions } from "./sign-in-api.ts";

/** Links to the page for lost passwords, if the server sends mails. */
export function ForgottenPasswordLink() {
  if (useSignInOptions()?.sendsMails !== true) return null;
  return (
    <Anchor component={Link} to="/user/password/send-reset-email" size="sm" ta="center">
      Forgot your password?
    </Anchor>
  );
}
