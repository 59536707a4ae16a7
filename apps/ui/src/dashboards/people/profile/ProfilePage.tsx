import "../../styles/mantine.css";
import { Box, Button } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { PageHeader } from "../../../shell/PageHeader.tsx";
import { EmptyMessage, LoadingMessage } from "../../../shell/StatusMessage.tsx";
import { useViewer } from "../../../shell/viewer.ts";
import { PasswordSection } from "./PasswordSection.tsx";
import { profileSections } from "./profile-sections.ts";

/**
 * The signed-in user: names, password, two-step codes, passkeys, preferences, teams and sessions. `/profile/password`
 * shows only the password.
 */
export default function ProfilePage() {
  const { pathname } = useLocation();
  const viewer = useViewer();
  if (viewer === undefined) return <LoadingMessage />;
  if (!viewer.isSignedIn) {
    return (
      <>
        <PageHeader title="Profile" />
        <EmptyMessage title="You are not signed in">
          {viewer.canSignIn ? (
            <Button component={Link} to={`/login?${new URLSearchParams({ redirectTo: pathname })}`} size="xs" mt={6}>
              Sign in
            </Button>
          ) : (
            "This server has no sign-in page."
          )}
        </EmptyMessage>
      </>
    );
  }
  const isForPassword = pathname === "/profile/password";
  return (
    <Box maw={900} mx="auto">
      <PageHeader title={isForPassword ? "Change password" : "Profile"}>{viewer.login}</PageHeader>
      {isForPassword ? <PasswordSection /> : profileSections.map(({ name, Section }) => <Section key={name} />)}
    </Box>
  );
}
