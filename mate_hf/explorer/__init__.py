"""`mate explore`: a page on which a run is asked by hand. What it answers is found here without the page, which `page` puts before it."""
