"""Charts as plain SVG: no script, no inline style, text that keeps its size at every width.

Geometry is made here, in percent of the drawing; ``templates/parts/`` draws what is more than a bar.
"""

from sangkien.web.charts.bars import Ruler, Scale, Slice, progress_bar, ruler, scale_for, share_bar, slices
from sangkien.web.charts.growth import Growth, growth
from sangkien.web.charts.provinces import MapClass, ProvinceMap, province_map

__all__ = [
    "Growth",
    "MapClass",
    "ProvinceMap",
    "Ruler",
    "Scale",
    "Slice",
    "growth",
    "progress_bar",
    "province_map",
    "ruler",
    "scale_for",
    "share_bar",
    "slices",
]
