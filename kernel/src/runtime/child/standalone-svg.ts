// Inside a page an SVG needs no namespaces; as an image it does.

export function standalone(svg: string): string {
  const root = svg.search(/<svg/i)
  const tag = svg.slice(root, svg.indexOf('>', root) + 1)
  const missing = [
    tag.includes('xmlns=') ? '' : ' xmlns="http://www.w3.org/2000/svg"',
    svg.includes('xlink:') && !tag.includes('xmlns:xlink=')
      ? ' xmlns:xlink="http://www.w3.org/1999/xlink"'
      : '',
  ].join('')
  return svg.replace(/<svg/i, (start) => start + missing)
}
