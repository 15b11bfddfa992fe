import DOMPurify from 'dompurify';

/** Nothing that loads, submits, styles, names or places itself; links lose their href right after (see links). */
const tags =
  'a blockquote br code dd del dl dt em h3 h4 h5 h6 hr li ol p pre s strong sub sup table tbody td th thead tr ul'.split(
    ' ',
  );

const classes: ReadonlySet<string> = new Set(['to-center', 'to-right']);

const purify = DOMPurify(window);
purify.addHook('uponSanitizeAttribute', (_element, data) => {
  if (data.attrName === 'class') data.keepAttr = classes.has(data.attrValue);
});

/**
 * Turns our own renderer's HTML into elements that may be shown: a second wall, should the renderer ever let through
 * what it should not.
 */
export function sanitize(html: string): DocumentFragment {
  return purify.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ['href', 'class', 'start'],
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
