// The icon of the pages, served as /icon.svg: an empty shell, curled up.

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#b5532f" stroke-width="3" stroke-linecap="round">
<path d="M16 17a2 2 0 0 1 3 1.500a5 5 0 0 1-8 3.500a8 8 0 0 1 3-13.500a11 11 0 0 1 14 9.500"/>
<path d="M11 6 8 3M6 11 2 10M5 18l-3 1"/>
</svg>
`;
