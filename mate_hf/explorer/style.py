"""How the page looks: the system's own fonts, and room for a phone."""

from __future__ import annotations

FONTS = ("system-ui", "-apple-system", "Segoe UI", "DejaVu Sans", "sans-serif")
MONO = ("ui-monospace", "DejaVu Sans Mono", "monospace")

STYLE = """
.mate-answer h1{margin:0 0 .2rem;font-size:1.5rem;line-height:1.25;font-weight:600;overflow-wrap:anywhere}
.mate-answer p{margin:.5rem 0;overflow-wrap:anywhere}
.mate-answer h3{margin:1.2rem 0 .4rem;font-size:1rem;font-weight:600}
.mate-answer h3:first-child{margin-top:0}
.gradio-container .wrap-inner input,.gradio-container input[role=combobox],.gradio-container input[role=listbox]{padding-right:1.8rem;text-overflow:ellipsis}
.mate-quiet,.mate-when{color:var(--body-text-color);opacity:.78}
.mate-quiet{font-size:.9rem}
.mate-refusal{margin:.5rem 0;padding:.6rem .9rem;border-left:4px solid #b3261e;background:var(--background-fill-secondary);overflow-wrap:anywhere}
.mate-player{display:block;margin:.4rem 0 .6rem;width:100%;height:34rem;border:1px solid var(--border-color-primary);border-radius:6px;background:#fff}
.mate-rows{display:grid;gap:.25rem;margin:.4rem 0}
.mate-row{display:grid;grid-template-columns:minmax(7rem,14rem) 1fr 7.5rem;gap:.2rem .8rem;align-items:center}
.mate-label{overflow-wrap:anywhere;line-height:1.25}
.mate-label i{display:inline-block;width:.6rem;height:.6rem;border-radius:50%;margin-right:.45rem}
.mate-track{position:relative;display:block;height:1.1rem;border-radius:3px;background:#e9e9e9;overflow:hidden}
.mate-span,.mate-looks{position:absolute;display:block;top:0;bottom:0;border-radius:3px}
.mate-looks{left:0;right:0;border-radius:0}
.mate-pair{height:1.7rem}
.mate-pair .mate-looks:first-child{bottom:calc(50% + 1px)}
.mate-pair .mate-looks:last-child{top:calc(50% + 1px)}
.mate-changed .mate-label{font-weight:600}
.mate-when{font-size:.85rem;white-space:nowrap;font-variant-numeric:tabular-nums}
.mate-wide{overflow-x:auto;margin:.5rem 0}
.mate-wide table{border-collapse:collapse;width:100%}
.mate-wide th,.mate-wide td{text-align:left;vertical-align:top;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--border-color-primary);overflow-wrap:break-word}
.mate-wide th{font-weight:600}
.mate-save{display:inline-block;margin:.3rem .5rem .3rem 0;padding:.45rem .9rem;border:1px solid var(--border-color-primary);border-radius:6px;background:var(--button-secondary-background-fill);color:var(--body-text-color);text-decoration:none}
.mate-save:hover{text-decoration:underline}
.mate-answer a:focus-visible,.mate-answer iframe:focus-visible{outline:2px solid #0057d8;outline-offset:1px}
@media(max-width:40rem){
.gradio-container{padding-left:.4rem!important;padding-right:.4rem!important}
.tab-container button{padding-left:.55rem!important;padding-right:.55rem!important}
.mate-row{grid-template-columns:1fr auto}
.mate-row .mate-track{grid-row:2;grid-column:1/3}
.mate-player{height:46rem;width:calc(100% + 1.5rem);margin:.4rem -.75rem}
.mate-wide th,.mate-wide td{padding-right:.6rem}
.mate-tall{height:50rem}
}
"""
