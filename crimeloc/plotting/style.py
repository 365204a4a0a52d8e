"""How the page looks: on screen by day and by night, and on A4."""

from __future__ import annotations

__all__ = ["STYLE", "page_rules"]

STYLE = """
:root { color-scheme: light dark;
  --page:#f6f7f9; --card:#ffffff; --ink:#1b1f24; --muted:#59636e; --line:#d0d7de;
  --accent:#0b63a5; --second:#a23f00; --soft:#e8f1f9; --bar:#7fb4dc; --sheet:#fbfbf9;
  --banner:#8b0f1a; --paper:#ffffff; }
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) {
  --page:#14181d; --card:#1c2128; --ink:#e8ecf1; --muted:#aab4bf; --line:#39424d;
  --accent:#6cb6f2; --second:#f0a06a; --soft:#1f3347; --bar:#2f6d9e; --banner:#a81d2a;
  --paper:#1c2128; } }
:root[data-theme=dark] {
  --page:#14181d; --card:#1c2128; --ink:#e8ecf1; --muted:#aab4bf; --line:#39424d;
  --accent:#6cb6f2; --second:#f0a06a; --soft:#1f3347; --bar:#2f6d9e; --banner:#a81d2a;
  --paper:#1c2128; }
:root[data-theme=light] { color-scheme: light; } :root[data-theme=dark] { color-scheme: dark; }
* { box-sizing: border-box; }
body { margin:0; word-break:keep-all; overflow-wrap:anywhere;
  background:var(--page); color:var(--ink); font-size:15px; line-height:1.5;
  font-family: "Noto Sans KR","Noto Sans CJK KR","Pretendard","Malgun Gothic",
  "Apple SD Gothic Neo",NanumGothic,system-ui,"Segoe UI",sans-serif; }
.cl-skip { position:absolute; left:-999px; }
.cl-skip:focus { left:8px; top:8px; z-index:2000; background:var(--card); padding:8px 12px; }
.cl-banner { background:var(--banner); color:#fff; text-align:center; font-weight:700;
  letter-spacing:.06em; padding:5px 12px; }
.cl-wrap { max-width:1200px; margin:0 auto; padding:18px 22px 40px; }
.cl-head { display:flex; gap:16px; align-items:flex-start; justify-content:space-between; }
h1 { font-size:20px; margin:0; } h2 { font-size:17px; margin:0 0 10px; }
h3 { font-size:14px; margin:0 0 6px; }
.cl-sub { color:var(--muted); margin:2px 0 0; }
button, select { font:inherit; color:var(--ink); background:var(--card);
  border:1px solid var(--line); border-radius:7px; padding:4px 10px; cursor:pointer; }
.cl-theme { white-space:nowrap; flex:none; } button:hover { border-color:var(--accent); }
:focus-visible { outline:3px solid var(--accent); outline-offset:2px; }
.cl-lead { background:var(--card); border:1px solid var(--line);
  border-left:6px solid var(--accent); border-radius:10px; padding:16px 20px; margin:14px 0; }
.cl-lead p { margin:0; }
.cl-lead .cl-headline { font-size:23px; line-height:1.35; font-weight:700; }
.cl-lead p + p { margin-top:6px; } .cl-story { margin:8px 0 6px; padding-left:20px; }
.cl-story li { margin:2px 0; }
.cl-facts { display:grid; grid-template-columns:repeat(4,1fr); gap:12px; margin:14px 0; padding:0; }
.cl-facts div { background:var(--card); border:1px solid var(--line); border-radius:10px;
  padding:10px 14px; }
.cl-facts dt { color:var(--muted); font-size:13px; }
.cl-facts dd { margin:0; font-size:21px; font-weight:700; }
.cl-facts dd small { display:block; font-size:12.5px; font-weight:400; color:var(--muted); }
section { background:var(--card); border:1px solid var(--line); border-radius:10px;
  padding:16px 20px; margin:14px 0; }
.cl-two { display:grid; grid-template-columns:minmax(0,1.25fr) minmax(0,1fr); gap:26px; }
.cl-even { display:grid; grid-template-columns:repeat(2,minmax(0,1fr)); gap:26px; }
.cl-scroll { overflow-x:auto; }
table { overflow-wrap:break-word;
  border-collapse:collapse; width:100%; font-variant-numeric:tabular-nums; }
caption { text-align:left; font-weight:700; padding-bottom:6px; }
.cl-scroll + .cl-scroll { margin-top:16px; }
th, td { text-align:left; padding:6px 8px; border-top:1px solid var(--line); vertical-align:top; }
thead th { white-space:nowrap; border-top:0;
  color:var(--muted); font-size:12.5px; font-weight:600; }
td.n, th.n { text-align:right; white-space:nowrap; }
.cl-prob { min-width:92px; } .cl-prob b { display:block; text-align:right; }
.cl-bar { display:block; height:6px; border-radius:3px; background:var(--line); margin-top:3px; }
.cl-bar i { display:block; height:6px; border-radius:3px; background:var(--accent); }
.cl-why { color:var(--muted); font-size:13px; }
.cl-id { color:var(--muted); font-size:12.5px; }
.cl-go { border:0; background:none; padding:0; color:var(--accent); text-align:left;
  text-decoration:underline; text-underline-offset:2px; font-weight:600; }
.cl-num { color:inherit; text-decoration:underline dotted; text-underline-offset:3px; }
.cl-num:hover { color:var(--accent); } .cl-group { scroll-margin-top:12px; margin-top:12px; }
.cl-group:target { outline:2px solid var(--accent); outline-offset:6px; border-radius:4px; }
.cl-sets { margin-top:16px; } .cl-sets table { max-width:860px; }
.cl-strip { margin-top:20px; } .cl-strip > div { max-width:860px; }
.cl-charts { margin-top:16px; align-items:start; }
.cl-rank { display:inline-block; min-width:24px; height:24px; line-height:24px; border-radius:12px;
  background:#0b3d66; color:#fff; text-align:center; font-weight:700; font-size:12.5px; }
.cl-mapgrid { display:grid; grid-template-columns:minmax(0,1fr) 292px; gap:18px; }
.cl-mapcol { display:flex; flex-direction:column; } .cl-mapcol p { margin:8px 0 0; }
.cl-when b, .cl-when span { white-space:nowrap; }
.cl-map { position:relative; flex:1; min-height:600px;
  border:1px solid var(--line); border-radius:8px;
  overflow:hidden; background:#fbfbf9; }
.folium-map { position:absolute; inset:0; background:#fbfbf9; font:inherit; color:#1b1f24; }
.cl-north { position:absolute; right:10px; top:10px; z-index:800; width:34px; padding:3px 0 2px;
  background:#ffffffe0; border:1px solid #c3cad2; border-radius:6px; text-align:center;
  color:#1b1f24; font-weight:700; font-size:12px; line-height:1.1; pointer-events:none; }
.cl-north svg { display:block; margin:0 auto; }
.cl-panel { font-size:13.5px; } .cl-panel ul { list-style:none; margin:0; padding:0; }
.cl-panel li { padding:9px 0; border-top:1px solid var(--line); }
.cl-panel li:first-child { border-top:0; padding-top:0; }
.cl-panel label { font-weight:700; display:flex; gap:8px; align-items:center; cursor:pointer; }
.cl-panel input[type=checkbox] { width:17px; height:17px; accent-color:#0b63a5; flex:none; }
#cl-play { font-size:12px; padding:1px 8px; margin-top:4px; }
.cl-panel input[type=range] { width:100%; accent-color:#0b63a5; }
.cl-key { background:#fbfbf9; color:#1b1f24; border:1px solid var(--line); border-radius:6px;
  padding:5px 8px; margin-top:5px; }
.cl-key p { color:#4a525b !important; } .cl-key svg { vertical-align:middle; }
.cl-steps { display:flex; } .cl-steps span { flex:1; text-align:left; font-size:11.5px; }
.cl-steps i { display:block; height:13px; }
.cl-panel p { margin:4px 0 0; color:var(--muted); font-size:12.5px; }
.cl-mark { background:#0b3d66; color:#fff !important; border:2px solid #fff; border-radius:50%;
  text-align:center; font-weight:700; font-size:12px; line-height:20px;
  box-shadow:0 1px 3px #0008; }
.cl-tie { position:absolute; left:50%; top:50%; height:2px; background:#0b3d66;
  transform-origin:0 50%; z-index:-1; pointer-events:none; }
.cl-away { visibility:hidden; }
.cl-slot { width:auto !important; height:auto !important; white-space:nowrap; font-size:11.5px;
  line-height:1.35; color:#003f63; background:#fffffff0; border:1px solid #003f63;
  border-radius:5px; padding:1px 6px; pointer-events:none; }
.cl-district { width:auto !important; height:auto !important; white-space:nowrap;
  font-size:11px; color:#4a525b; pointer-events:none; transform-origin:0 0;
  text-shadow:0 0 3px #fff,0 0 3px #fff,0 0 3px #fff; }
.cl-district > div { transform:translate(-50%,-50%); }
.cl-grid { width:auto !important; height:auto !important; white-space:nowrap;
  font-size:10.5px; color:#59636e; pointer-events:none; }
.cl-move { width:auto !important; height:auto !important; white-space:nowrap; font-size:11.5px;
  color:#8b0f1a; background:#fffffff0; border:1px solid #8b0f1a; border-radius:5px;
  padding:1px 6px; pointer-events:none; }
.cl-tip { font-size:13px; color:#1b1f24; }
.cl-tip div:first-child div:first-child { font-weight:700; }
.cl-heat { image-rendering:auto; }
figure { margin:0; } figure svg { width:100%; height:auto; }
figcaption { color:var(--muted); font-size:13px; margin-top:4px; }
details { margin-top:8px; } summary { cursor:pointer; color:var(--accent); font-weight:600; }
details table { font-size:13px; } details pre { white-space:pre-wrap; font-size:12.5px; }
.cl-list { margin:0; padding-left:20px; } .cl-list li { margin:3px 0; }
.cl-scores thead th { white-space:normal; vertical-align:bottom; }
.cl-scores td:first-child { min-width:118px; }
.cl-prov th { width:180px; font-weight:600; } .cl-prov td { overflow-wrap:anywhere; }
.cl-hash { font-family:ui-monospace,Consolas,monospace; font-size:12px; }
.cl-note { border-left:4px solid var(--second); padding:6px 12px; background:var(--soft); }
.cl-hidden { position:absolute; width:1px; height:1px; overflow:hidden; clip-path:inset(50%);
  white-space:nowrap; }
.cl-print { display:none; }
@media screen and (max-width: 860px) {
  .cl-two, .cl-even, .cl-mapgrid { grid-template-columns:minmax(0,1fr); }
  .cl-facts { grid-template-columns:repeat(2,1fr); } .cl-map { min-height:440px; } }
@media screen and (max-width: 520px) {
  #answer .cl-two th, #answer .cl-two td { padding:4px 3px; font-size:12.5px; }
  .cl-prob { min-width:0; } .cl-prob .cl-bar { display:none; } }
@media print {
  :root, :root[data-theme=dark], :root:not([data-theme=light]) { color-scheme:light;
    --page:#fff; --card:#fff; --ink:#1b1f24; --muted:#4a525b; --line:#c3cad2; --accent:#0b4f85;
    --second:#8a3500; --soft:#f1f4f7; --banner:#8b0f1a; --paper:#fff; }
  body { font-size:9pt; line-height:1.38; background:#fff; } .cl-wrap { max-width:none; padding:0; }
  * { print-color-adjust:exact; -webkit-print-color-adjust:exact; }
  .cl-banner, .cl-screen, .cl-skip, button.cl-theme { display:none !important; }
  .cl-print { display:block; }
  section, .cl-lead { border-radius:0; border-width:0 0 0 0; padding:0; margin:0 0 9pt; }
  .cl-lead { border-left:4pt solid var(--accent); padding:2pt 0 2pt 10pt; }
  .cl-lead .cl-headline { font-size:13pt; } h1 { font-size:14pt; } h2 { font-size:12pt;
    border-bottom:1pt solid var(--line); padding-bottom:2pt; break-after:avoid; }
  .cl-facts { gap:6pt; } .cl-facts div { padding:4pt 6pt; border-radius:0; }
  .cl-facts dd { font-size:13pt; } .cl-facts dd small { font-size:8pt; }
  .cl-two { grid-template-columns:minmax(0,1fr); } .cl-two, .cl-even { gap:14pt; }
  .cl-lead { margin-top:6pt !important; } figure.cl-print { max-width:152mm; }
  #map, .cl-sets, .cl-strip { break-inside:avoid; } .cl-strip { max-width:118mm; }
  .cl-charts { gap:14pt; margin-top:8pt; }
   th, td { padding:1.5pt 3pt; }
  tr, figure, .cl-keep, .cl-facts { break-inside:avoid; } thead { display:table-header-group; }
  .cl-go, .cl-num { color:var(--ink); text-decoration:none; }
  details:not([open]) { display:none; } summary { display:none; }
  .cl-scroll { overflow:visible; } p.cl-why { break-after:avoid; }
  .cl-sets p.cl-why { break-after:auto; }
  .cl-id { white-space:nowrap; }
  .cl-id, td .cl-why { display:inline; margin-left:4pt; font-size:8pt; }
  .cl-prob { display:flex; align-items:center; gap:4pt; } .cl-prob b { min-width:30pt; }
  .cl-prob .cl-bar { flex:1; margin:0; } .cl-rank { min-width:15pt; height:15pt;
    line-height:15pt; font-size:8pt; }
}
"""


def page_rules(banner: str | None, footer: str) -> str:
    """Give the rules of the printed page: A4, banner above and below, page numbers.

    Parameters
    ----------
    banner : str or None
        Classification, printed on each page.
    footer : str
        Text at the left foot of each page.

    Returns
    -------
    str
        A style sheet.
    """
    top = f"@top-center {{ content: {_quoted(banner)}; font: bold 9pt sans-serif; color:#8b0f1a }}"
    return (
        "@page { size: A4; margin: 16mm 14mm 16mm 14mm; "
        + (top if banner else "")
        + f" @bottom-left {{ content: {_quoted(footer)}; font: 7.5pt sans-serif; color:#4a525b }}"
        " @bottom-right { content: counter(page) ' / ' counter(pages); font: 8pt sans-serif;"
        " color:#4a525b } }"
    )


def _quoted(text: str | None) -> str:
    """Write a text as a CSS string in which nothing can end the string or the style element."""
    safe = "".join(
        char if char.isalnum() or char in " .,:·-+()%" else f"\\{ord(char):06x}"
        for char in text or ""
    )
    return f'"{safe}"'
