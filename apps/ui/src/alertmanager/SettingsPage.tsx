import { Card } from "../shell/Card.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { TimeSettings } from "../shell/TimeSettings.tsx";

/** The user's settings, which this browser stores. */
export default function SettingsPage() {
  return (
    <>
      <PageHeader title="Settings" />
      <Card p="md" maw={460}>
        <TimeSettings />
      </Card>
    </>
  );
}
