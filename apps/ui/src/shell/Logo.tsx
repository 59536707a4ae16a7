/** The logo: a stalk of fennel that carries an ember. The image is decorative, since the name is next to it. */
export function Logo({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true" focusable="false">
      <g stroke="var(--mantine-color-fennel-6)" strokeLinecap="round">
        <path d="M14.6 30c.6-6 .7-10.5.2-16.5" strokeWidth="3.4" />
        <path d="M14.9 22.5C11.5 21.5 8.5 19 6.5 15.5M14.9 20C18.5 19.4 22 17.5 25 14.2" strokeWidth="2.2" />
        <path d="M6.5 15.5l-3.4-.6M6.5 15.5l-.2-3.6M25 14.2l3.5.2M25 14.2l1.2-3.2" strokeWidth="1.8" />
      </g>
      <path
        d="M15.7 1.5c.6 3 4.6 4.7 4.6 8.9 0 3-2.3 5-5.1 5s-5.1-2-5.1-4.9c0-2 1-3.3 2.1-4.5.3 1.2.9 1.9 1.7 2.2-.3-2.7.3-5 1.8-6.7z"
        fill="#e8622c"
      />
      <path d="M15.6 8.2c.4 1.3 2 2 2 3.9 0 1.4-1 2.3-2.3 2.3s-2.3-.9-2.3-2.2c0-1.7 1.9-2.4 2.6-4z" fill="#ffc46b" />
    </svg>
  );
}
