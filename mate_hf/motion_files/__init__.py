"""Animation files from joint positions: `.bvh`, `.glb` and `.npy`.

Positions say where joints are and nothing of how bones are rotated, which animation files hold. So a skeleton is solved from
them first (`solving`), in a T-pose at rest (`rest_pose`), and then written (`bvh`, `glb`).
"""

from mate_hf.motion_files.writing import Written, write_motion

__all__ = ["Written", "write_motion"]
